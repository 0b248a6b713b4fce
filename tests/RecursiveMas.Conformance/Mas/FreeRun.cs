using RecursiveMas.Runs;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Conformance.Mas;

/// <summary>What agents and links of a system made in a run of their own, and the answers.</summary>
internal sealed class FreeRun : IDisposable
{
    /// <summary>The rollouts of each role, round by round: [m, H].</summary>
    public Dictionary<string, List<Tensor>> Rollouts { get; } = [];

    /// <summary>The blocks of each edge, round by round: [m, d].</summary>
    public Dictionary<string, List<Tensor>> Blocks { get; } = [];

    public MasAnswer? Answer { get; private set; }

    /// <summary>Every rollout and every block, by name and place.</summary>
    public IEnumerable<(string Name, int Place)> Chains => Rollouts.Concat(Blocks).SelectMany(entry => entry.Value.Select((_, place) => (entry.Key, place)));

    public Tensor this[(string Name, int Place) chain] => (Rollouts.GetValueOrDefault(chain.Name) ?? Blocks[chain.Name])[chain.Place];

    /// <param name="mas">The system.</param>
    /// <param name="kind">Kind of question.</param>
    /// <param name="request">What it is asked.</param>
    /// <param name="seed">Nudges the embeddings of every prompt; null leaves them alone.</param>
    public static async Task<FreeRun> RunAsync(MasSystem mas, TaskKind kind, RunRequest request, long? seed)
    {
        var run = new FreeRun();
        SystemParts loaded = (await mas.GetEngineAsync(kind)).Parts;
        foreach (string role in mas.Agents.Keys)
            run.Rollouts.Add(role, []);
        foreach (MasEdge edge in mas.Edges)
            run.Blocks.Add(edge.Key, []);
        var engine = new RecursionEngine(
            mas.Style.Graph,
            mas.Agents.Keys.ToDictionary(role => role, role => (IAgent)new RecordingAgent(Nudged((LatentAgent)loaded.Agent(role), seed), run.Rollouts[role])),
            mas.Edges.ToDictionary(edge => edge.Key, edge => (IRecursiveLink)new RecordingLink(loaded.Link(edge), run.Blocks[edge.Key])),
            mas.Style.Schedule);
        run.Answer = await engine.RunAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        return run;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in Rollouts.Values.Concat(Blocks.Values).SelectMany(list => list))
            tensor.Dispose();
    }

    private static LatentAgent Nudged(LatentAgent agent, long? seed) => seed is not { } given ? agent : new LatentAgent(
        agent.Name,
        new StepScheduler(Intercepted.Around(
            agent.Model, (method, call) => method == nameof(ICausalLanguageModel.Embed) ? FreeRunning.Nudged((Tensor)call()!, given) : call())),
        agent.Text,
        agent.InnerLink);
}
