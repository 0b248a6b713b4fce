using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests.Engine;

/// <summary>An agent without a model: its thoughts are numbers that tell where they come from.</summary>
internal sealed class FakeAgent(string name, int width, int identity, List<string> log) : IAgent
{
    public string Name => name;

    public int HiddenSize => width;

    public ScalarType EmbeddingDtype { get; init; } = ScalarType.Float32;

    public Func<ThinkRequest, Tensor, Tensor>? Disturb { get; init; }

    public Action<ThinkRequest>? BeforeStep { get; init; }

    /// <summary>Positions of the agent; a letter takes one.</summary>
    public int? MaxPositions { get; init; }

    public PromptSize? Measure(AgentPrompt prompt) =>
        MaxPositions is { } most ? new PromptSize(prompt.User.Sum(part => part.Kind == PromptPartKind.Slot ? 0 : part.Value.Length), most) : null;

    public Task<Thought> ThinkAsync(ThinkRequest request, CancellationToken cancellationToken = default)
    {
        lock (log)
            log.Add($"{name} thinks {Describe(request)}");
        for (int step = 1; step <= request.Steps; step++)
        {
            BeforeStep?.Invoke(request);
            cancellationToken.ThrowIfCancellationRequested();
            request.StepTaken?.Invoke(step);
        }

        using var scope = NewDisposeScope();
        Tensor states = full([request.Prompts.Count, request.Steps, width], identity, float32);
        if (Disturb is not null)
            states = Disturb(request, states);
        return Task.FromResult(new Thought(new LatentBlock(states.clone()), new LatentBlock(states + 0.5), [.. request.Prompts.Select(_ => 7)]));
    }

    public async IAsyncEnumerable<WriteUpdate> WriteAsync(WriteRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        lock (log)
            log.Add($"{name} writes {Describe(request)}");
        for (int row = 0; row < request.Prompts.Count; row++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new WriteUpdate(row, 1, $"{name} says {row}");
            yield return new WriteUpdate(row, null, "", new WrittenText($"{name} says {row}", [1], 7, FinishReason.EndOfSequence));
        }
    }

    private static string Describe(AgentRequest request)
    {
        using var scope = NewDisposeScope();
        string text = string.Concat(request.Prompts[0].User.Select(part => part.Kind == PromptPartKind.Slot ? $"<{part.Value}>" : part.Value));
        string blocks = string.Concat(request.Blocks.OrderBy(block => block.Key, StringComparer.Ordinal).Select(block =>
            $" {block.Key}={(block.Value.Values.numel() == 0 ? "empty" : block.Value.Values.flatten()[0].ToSingle().ToString("0.#", System.Globalization.CultureInfo.InvariantCulture))}[{string.Join(',', block.Value.Values.shape)}]"));
        return $"'{text}'{blocks}";
    }
}

/// <summary>Adds a constant and changes the width.</summary>
internal sealed class FakeLink(int input, int output, float added) : IRecursiveLink
{
    public string AdapterType => "fake";

    public int InputSize => input;

    public int OutputSize => output;

    public LatentBlock Apply(LatentBlock states, ScalarType outputDtype)
    {
        using var scope = NewDisposeScope();
        return new LatentBlock((states.Values.narrow(2, 0, 1).expand(states.BatchSize, states.Steps, output) + added).to_type(outputDtype).contiguous().alias());
    }

    public void Dispose()
    {
    }
}

/// <summary>Prompts that name the agent and the slots that the graph would fill.</summary>
internal sealed class FakePrompts(MasGraph graph) : IPromptSource
{
    public AgentPrompt GetPrompt(string agent, int round, MasQuestion question)
    {
        var stages = graph.Stages.Select((stage, index) => stage.Select(name => (name, index))).SelectMany(pairs => pairs).ToDictionary(pair => pair.name, pair => pair.index);
        IEnumerable<MasEdge> edges = graph.EdgesInto(agent).Where(edge => round > 1 || stages[edge.From] < stages[agent]);
        return new AgentPrompt("system", [PromptPart.Text($"{agent} r{round} "), PromptPart.Given(question.Text), .. edges.Select(edge => PromptPart.Slot(edge.Slot))]);
    }
}
