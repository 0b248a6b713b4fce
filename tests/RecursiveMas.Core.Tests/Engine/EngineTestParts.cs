using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests.Engine;

/// <summary>A chain and a star of agents that write down what they do.</summary>
public abstract class EngineTestParts
{
    protected static MasGraph ChainGraph { get; } = new(
        [["planner"], ["critic"], ["solver"]],
        [
            new MasEdge("outer_12", "planner", "critic", "plan") { Hop = HopDtype.SenderEmbedding },
            new MasEdge("outer_23", "critic", "solver", "refined") { Hop = HopDtype.SenderEmbedding },
            new MasEdge("outer_31", "solver", "planner", "feedback"),
        ],
        "solver");

    protected static MasGraph StarGraph { get; } = new(
        [["math", "code", "science"], ["summarizer"]],
        [
            new MasEdge("outer_1s", "math", "summarizer", "math"),
            new MasEdge("outer_2s", "code", "summarizer", "code"),
            new MasEdge("outer_3s", "science", "summarizer", "science"),
            new MasEdge("outer_s1", "summarizer", "math", "feedback"),
            new MasEdge("outer_s2", "summarizer", "code", "feedback"),
            new MasEdge("outer_s3", "summarizer", "science", "feedback"),
        ],
        "summarizer");

    /// <summary>What the agents did, in order.</summary>
    protected List<string> Log { get; } = [];

    protected static RunRequest Request(MasGraph graph, int rounds, int steps = 2) => new()
    {
        Question = new MasQuestion("q"),
        Prompts = new FakePrompts(graph),
        Rounds = rounds,
        LatentSteps = steps,
        MaxNewTokens = 4,
    };

    protected RecursionEngine Chain(
        bool links = true,
        Func<AgentPrompt, Tensor, Tensor>? disturb = null,
        Action? beforeStep = null,
        ScalarType dtype = ScalarType.Float32,
        IRecursionSchedule? schedule = null,
        Func<string, string>? write = null)
    {
        FakeAgent Agent(string name, int width, int identity) =>
            new(name, width, identity, Log) { Disturb = disturb, BeforeStep = beforeStep, EmbeddingDtype = dtype, Write = write };
        return new RecursionEngine(
            ChainGraph,
            new Dictionary<string, IAgent> { ["planner"] = Agent("planner", 3, 1), ["critic"] = Agent("critic", 4, 2), ["solver"] = Agent("solver", 5, 3) },
            links
                ? new Dictionary<string, IRecursiveLink>
                {
                    ["outer_12"] = new FakeLink(3, 4, 10),
                    ["outer_23"] = new FakeLink(4, 5, 20),
                    ["outer_31"] = new FakeLink(5, 3, 30),
                }
                : new Dictionary<string, IRecursiveLink>(),
            schedule);
    }

    protected RecursionEngine Star(
        Func<AgentPrompt, Tensor, Tensor>? disturb = null,
        Action<IReadOnlyDictionary<string, LatentBlock>>? blocksRead = null) => new(
        StarGraph,
        StarGraph.Agents
            .Select((name, index) => new FakeAgent(name, 3, index + 1, Log) { BlocksRead = blocksRead, Disturb = disturb })
            .ToDictionary(agent => agent.Name, agent => (IAgent)agent),
        StarGraph.Edges.ToDictionary(edge => edge.Key, _ => (IRecursiveLink)new FakeLink(3, 3, 0.1f)));

    protected sealed class OnePrompt(AgentPrompt prompt) : IPromptSource
    {
        public AgentPrompt GetPrompt(string agent, int round, MasQuestion question) => prompt;
    }
}
