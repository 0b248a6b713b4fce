using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests.Engine;

/// <summary>What is refused, what fails, and what is left behind.</summary>
[Collection(LiveTensors.Collection)]
public sealed class EngineFailureTests : EngineTestParts
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public async Task Non_finite_states_name_agent_round_and_step(float value)
    {
        int calls = 0;
        RecursionEngine engine = Chain(disturb: (_, states) =>
        {
            Tensor copy = states.clone();
            if (++calls == 4)
                copy[1, 2] = value;
            return copy;
        });
        NonFiniteException error = await Assert.ThrowsAsync<NonFiniteException>(() =>
            engine.RunAsync(Request(ChainGraph, rounds: 3), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(("planner", 2, 2), (error.Agent, error.Round, error.Step));
    }

    [Fact]
    public async Task A_missing_link_names_edge_agents_and_widths()
    {
        RecursionEngine engine = Chain(links: false);
        GraphException error =
            await Assert.ThrowsAsync<GraphException>(() => engine.RunAsync(Request(ChainGraph, 1), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("'outer_12' from planner (width 3) to critic (width 4)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_of_another_width_names_edge_and_both_widths()
    {
        GraphException error = Assert.Throws<GraphException>(() => new RecursionEngine(
            ChainGraph,
            new Dictionary<string, IAgent>
            {
                ["planner"] = new FakeAgent("planner", 3, 1, Log),
                ["critic"] = new FakeAgent("critic", 4, 2, Log),
                ["solver"] = new FakeAgent("solver", 5, 3, Log),
            },
            new Dictionary<string, IRecursiveLink> { ["outer_12"] = new FakeLink(3, 5, 0) }));
        Assert.Contains("outer_12", error.Message, StringComparison.Ordinal);
        Assert.Contains("3 to 5", error.Message, StringComparison.Ordinal);
        Assert.Contains("critic has width 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_requests_are_refused_before_anything_runs()
    {
        RecursionEngine engine = Chain();
        RunRequest good = Request(ChainGraph, 1);
        CancellationToken token = TestContext.Current.CancellationToken;
        Assert.Equal("Rounds", (await Assert.ThrowsAsync<InvalidOptionException>(() => engine.RunAsync(good with { Rounds = 0 }, null, token))).Option);
        Assert.Equal(
            "LatentSteps",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => engine.RunAsync(good with { LatentSteps = -1 }, null, token))).Option);
        Assert.Equal(
            "MaxNewTokens",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => engine.RunAsync(good with { MaxNewTokens = 0 }, null, token))).Option);
        await Assert.ThrowsAsync<PromptException>(() => engine.RunAsync(good with { Question = new MasQuestion(" \n") }, null, token));
        Assert.Empty(Log);
    }

    [Fact]
    public async Task Prompts_and_edges_must_agree()
    {
        RecursionEngine engine = Chain();
        RunRequest request = Request(ChainGraph, 2);
        PromptException lost = await Assert.ThrowsAsync<PromptException>(() => engine.RunAsync(
            request with { Prompts = new OnePrompt(new AgentPrompt(null, [PromptPart.Text("x")])) },
            cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("no slot 'plan'", lost.Message, StringComparison.Ordinal);
        PromptException unfilled = await Assert.ThrowsAsync<PromptException>(() => engine.RunAsync(
            request with { Prompts = new OnePrompt(new AgentPrompt(null, [PromptPart.Slot("ghost")])) },
            cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("'ghost'", unfilled.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_inside_a_rollout_leaves_no_tensor_and_a_usable_engine()
    {
        using var cancel = new CancellationTokenSource();
        int steps = 0;
        RecursionEngine engine = Chain(beforeStep: () =>
        {
            if (++steps == 6)
                cancel.Cancel();
        });
        long before = Tensor.TotalCount;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.RunAsync(Request(ChainGraph, 3), null, cancel.Token));
        TensorChecks.NoMoreLiveThan(before);
        await engine.RunAsync(Request(ChainGraph, 3), cancellationToken: TestContext.Current.CancellationToken);
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task A_failing_agent_beside_others_leaves_no_tensor()
    {
        RecursionEngine engine = Star(disturb: (prompt, states) => prompt.User[0].Value.StartsWith("code", StringComparison.Ordinal)
            ? throw new InvalidOperationException("broken")
            : states);
        long before = Tensor.TotalCount;
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.RunAsync(
            Request(StarGraph, 2),
            cancellationToken: TestContext.Current.CancellationToken));
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task Sessions_are_freed_when_their_agent_has_done_its_part_and_when_a_run_fails()
    {
        var agents = new Dictionary<string, FakeAgent>
        {
            ["planner"] = new("planner", 3, 1, Log),
            ["critic"] = new("critic", 4, 2, Log),
            ["solver"] = new("solver", 5, 3, Log),
        };
        var open = new List<int>();
        var links = new Dictionary<string, IRecursiveLink> { ["outer_12"] = new FakeLink(3, 4, 10), ["outer_23"] = new FakeLink(4, 5, 20) };
        var engine = new RecursionEngine(ChainGraph, agents.ToDictionary(agent => agent.Key, agent => (IAgent)agent.Value), links);
        await engine.RunAsync(
            Request(ChainGraph, 1),
            update => open.Add(update is StageStarted ? agents.Values.Sum(agent => agent.OpenSessions) : 0),
            TestContext.Current.CancellationToken);
        Assert.Equal(0, open.Max());
        Assert.All(agents.Values, agent => Assert.Equal(0, agent.OpenSessions));
        await Assert.ThrowsAsync<GraphException>(() => engine.RunAsync(Request(ChainGraph, 2), cancellationToken: TestContext.Current.CancellationToken));
        Assert.All(agents.Values, agent => Assert.Equal(0, agent.OpenSessions));
    }

    [Fact]
    public void Graphs_that_cannot_work_are_refused()
    {
        Assert.Throws<GraphException>(() => new MasGraph([["a"], ["a"]], [], "a"));
        Assert.Throws<GraphException>(() => new MasGraph([["a"], ["b"]], [], "c"));
        Assert.Throws<GraphException>(() => new MasGraph([["a", "b"]], [], "b"));
        Assert.Throws<GraphException>(() => new MasGraph([["a"], ["b"]], [new MasEdge("k", "a", "x", "s")], "b"));
        Assert.Throws<GraphException>(() => new MasGraph([["a"], ["b"]], [new MasEdge("k", "a", "b", "s"), new MasEdge("k", "b", "a", "t")], "b"));
        Assert.Throws<GraphException>(() => new MasGraph([["a", "c"], ["b"]], [new MasEdge("k", "a", "b", "s"), new MasEdge("l", "c", "b", "s")], "b"));
    }
}
