using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests.Engine;

[Collection(LiveTensors.Collection)]
public class RecursionEngineTests
{
    private static readonly MasGraph s_chain = new(
        [["planner"], ["critic"], ["solver"]],
        [
            new MasEdge("outer_12", "planner", "critic", "plan") { Hop = HopDtype.SenderEmbedding },
            new MasEdge("outer_23", "critic", "solver", "refined") { Hop = HopDtype.SenderEmbedding },
            new MasEdge("outer_31", "solver", "planner", "feedback"),
        ],
        "solver");

    private static readonly MasGraph s_star = new(
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

    private readonly List<string> _log = [];

    [Fact]
    public async Task One_round_of_a_chain_uses_no_feedback()
    {
        await Chain().RunAsync(Request(s_chain, rounds: 1), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "planner thinks 'planner r1 q'",
                "critic thinks 'critic r1 q<plan>' plan=11.5[2,4]",
                "solver writes 'solver r1 q<refined>' refined=22.5[2,5]",
            ],
            _log);
    }

    [Fact]
    public async Task Three_rounds_of_a_chain_follow_the_table()
    {
        MasAnswer answer = await Chain().RunAsync(Request(s_chain, rounds: 3), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "planner thinks 'planner r1 q'",
                "critic thinks 'critic r1 q<plan>' plan=11.5[2,4]",
                "solver thinks 'solver r1 q<refined>' refined=22.5[2,5]",
                "planner thinks 'planner r2 q<feedback>' feedback=33.5[2,3]",
                "critic thinks 'critic r2 q<plan>' plan=11.5[2,4]",
                "solver thinks 'solver r2 q<refined>' refined=22.5[2,5]",
                "planner thinks 'planner r3 q<feedback>' feedback=33.5[2,3]",
                "critic thinks 'critic r3 q<plan>' plan=11.5[2,4]",
                "solver writes 'solver r3 q<refined>' refined=22.5[2,5]",
            ],
            _log);
        Assert.Equal("solver says so", answer.Text);
        Assert.Equal(["outer_12", "outer_23", "outer_31", "outer_12", "outer_23", "outer_31", "outer_12", "outer_23"], answer.Trace.Select(hop => hop.Edge));
        Assert.Equal(new AgentUsage(21, 6, 0) { ReusedPositions = 6, CacheBytes = 100 }, answer.Usage.ByAgent["planner"]);
        Assert.Equal(new AgentUsage(21, 4, 1) { ReusedPositions = 6, CacheBytes = 100 }, answer.Usage.ByAgent["solver"]);
        Assert.Equal(16, answer.Usage.LatentVectors);
    }

    [Fact]
    public async Task Agents_of_one_stage_are_blind_to_each_other_and_all_feed_the_next()
    {
        await Star().RunAsync(Request(s_star, rounds: 2), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            ["code thinks 'code r1 q'", "math thinks 'math r1 q'", "science thinks 'science r1 q'"],
            _log.Take(3).Order(StringComparer.Ordinal));
        Assert.Equal("summarizer thinks 'summarizer r1 q<math><code><science>' code=2.6[2,3] math=1.6[2,3] science=3.6[2,3]", _log[3]);
        Assert.Equal(
            [
                "code thinks 'code r2 q<feedback>' feedback=4.6[2,3]",
                "math thinks 'math r2 q<feedback>' feedback=4.6[2,3]",
                "science thinks 'science r2 q<feedback>' feedback=4.6[2,3]",
            ],
            _log.Skip(4).Take(3).Order(StringComparer.Ordinal));
        Assert.StartsWith("summarizer writes 'summarizer r2", _log[7], StringComparison.Ordinal);
        Assert.Equal(8, _log.Count);
    }

    [Theory]
    [InlineData(MasChannel.Latent, 0)]
    [InlineData(MasChannel.None, 3)]
    public async Task Without_steps_nobody_thinks_and_slots_stay_empty(MasChannel channel, int steps)
    {
        await Chain().RunAsync(Request(s_chain, rounds: 2, steps) with { Channel = channel }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["solver writes 'solver r2 q<refined>' refined=empty[0,5]"], _log);
    }

    [Fact]
    public async Task Text_channel_hands_over_text()
    {
        RecursionEngine engine = Chain(links: false);
        MasAnswer answer = await engine.RunAsync(
            Request(s_chain, rounds: 2) with { Channel = MasChannel.Text },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "planner writes 'planner r1 q'",
                "critic writes 'critic r1 qplanner says so'",
                "solver writes 'solver r1 qcritic says so'",
                "planner writes 'planner r2 qsolver says so'",
                "critic writes 'critic r2 qplanner says so'",
                "solver writes 'solver r2 qcritic says so'",
            ],
            _log);
        Assert.All(answer.Trace, hop => Assert.Null(hop.Dtype));
    }

    [Theory]
    [InlineData(MasChannel.Zero)]
    [InlineData(MasChannel.Noise)]
    public async Task Control_channels_replace_blocks(MasChannel channel)
    {
        RecursionEngine engine = Chain();
        RunRequest request = Request(s_chain, rounds: 1) with { Channel = channel, Seed = 4 };
        MasAnswer answer = await engine.RunAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        HopCrossed hop = answer.Trace[0];
        if (channel == MasChannel.Zero)
            Assert.Equal(0, hop.LargestNorm);
        else
            Assert.True(hop.SmallestNorm > 1);
        Assert.Contains(_log, line => line.StartsWith("critic", StringComparison.Ordinal) && !line.Contains("plan=11.5", StringComparison.Ordinal));
        string first = _log[1];
        _log.Clear();
        await engine.RunAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(first, _log[1]);
    }

    [Fact]
    public async Task Noise_differs_from_edge_to_edge_and_round_to_round()
    {
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        RecursionEngine engine = Star(blocksRead: blocks =>
        {
            foreach (LatentBlock block in blocks.Values)
                seen.Add(string.Join(
                    ' ',
                    block.Values.flatten().data<float>().Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture))));
        });
        await engine.RunAsync(
            Request(s_star, rounds: 3) with { Channel = MasChannel.Noise, Seed = 4 },
            cancellationToken: TestContext.Current.CancellationToken);
        // Three experts are read to in two later rounds, the summarizer by all three in every round. The states below the noise are often alike.
        Assert.Equal(6 + 9, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task Shuffled_questions_receive_the_blocks_of_their_neighbours()
    {
        RecursionEngine engine =
            Chain(disturb: (prompt, states) => states + float.Parse(prompt.User[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        long before = Tensor.TotalCount;
        using (var neighbours = new ShuffledNeighbours(3))
        {
            await Task.WhenAll(Enumerable.Range(0, 3).Select(place => Task.Run(() => engine.RunAsync(
                Request(
                    s_chain,
                    rounds: 2) with { Channel = MasChannel.Shuffled, Neighbours = neighbours, Place = place, Question = new MasQuestion($"{place}00") }))));
        }

        // The thoughts of question n are n hundred more than those of question 0.
        Assert.Contains("critic thinks 'critic r1 000<plan>' plan=211.5[2,4]", _log);
        Assert.Contains("critic thinks 'critic r1 100<plan>' plan=11.5[2,4]", _log);
        Assert.Contains("critic thinks 'critic r2 200<plan>' plan=111.5[2,4]", _log);
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task A_question_whose_neighbour_fails_does_not_wait_for_ever()
    {
        RecursionEngine engine = Chain(disturb: (prompt, states) => prompt.User[1].Value == "bad" ? throw new InvalidOperationException("broken") : states);
        long before = Tensor.TotalCount;
        using (var neighbours = new ShuffledNeighbours(2))
        {
            Task good = engine.RunAsync(
                Request(s_chain, 2) with { Channel = MasChannel.Shuffled, Neighbours = neighbours, Place = 0 },
                cancellationToken: TestContext.Current.CancellationToken);
            RunRequest bad = Request(s_chain, 2) with { Channel = MasChannel.Shuffled, Neighbours = neighbours, Place = 1, Question = new MasQuestion("bad") };
            await Assert.ThrowsAsync<InvalidOperationException>(() => engine.RunAsync(bad, cancellationToken: TestContext.Current.CancellationToken));
            neighbours.Leave(1);
            await Assert.ThrowsAsync<GraphException>(() => good);
        }

        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task Events_tell_the_whole_story_in_order()
    {
        var events = new List<MasUpdate>();
        await Chain().RunAsync(Request(s_chain, rounds: 1), events.Add, TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "StageStarted planner 1", "LatentStepTaken planner 1", "LatentStepTaken planner 1", "StageCompleted planner 1", "HopCrossed planner 1",
                "StageStarted critic 1", "LatentStepTaken critic 1", "LatentStepTaken critic 1", "StageCompleted critic 1", "HopCrossed critic 1",
                "StageStarted solver 1", "TokenWritten solver 1", "StageCompleted solver 1", "AnswerReady solver 1",
            ],
            events.Select(e => $"{e.GetType().Name} {e.Agent} {e.Round}"));
        HopCrossed hop = events.OfType<HopCrossed>().First();
        Assert.Equal([2, 4], hop.Shape);
        Assert.Equal(ScalarType.Float32, hop.Dtype);
        Assert.Equal(23, hop.MeanNorm, 3);
        Assert.Equal([(1, 2), (2, 2)], events.OfType<LatentStepTaken>().Take(2).Select(step => (step.Step, step.Steps)));
    }

    [Fact]
    public async Task Hop_dtype_is_the_senders_or_float32()
    {
        RecursionEngine engine = Chain(dtype: ScalarType.BFloat16);
        MasAnswer answer = await engine.RunAsync(Request(s_chain, rounds: 2), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([ScalarType.BFloat16, ScalarType.BFloat16, ScalarType.Float32], answer.Trace.Take(3).Select(hop => hop.Dtype!.Value));
    }

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
            engine.RunAsync(Request(s_chain, rounds: 3), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(("planner", 2, 2), (error.Agent, error.Round, error.Step));
    }

    [Fact]
    public async Task A_missing_link_names_edge_agents_and_widths()
    {
        RecursionEngine engine = Chain(links: false);
        GraphException error =
            await Assert.ThrowsAsync<GraphException>(() => engine.RunAsync(Request(s_chain, 1), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("'outer_12' from planner (width 3) to critic (width 4)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_of_another_width_names_edge_and_both_widths()
    {
        GraphException error = Assert.Throws<GraphException>(() => new RecursionEngine(
            s_chain,
            new Dictionary<string, IAgent>
            {
                ["planner"] = new FakeAgent("planner", 3, 1, _log),
                ["critic"] = new FakeAgent("critic", 4, 2, _log),
                ["solver"] = new FakeAgent("solver", 5, 3, _log),
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
        RunRequest good = Request(s_chain, 1);
        CancellationToken token = TestContext.Current.CancellationToken;
        Assert.Equal("Rounds", (await Assert.ThrowsAsync<InvalidOptionException>(() => engine.RunAsync(good with { Rounds = 0 }, null, token))).Option);
        Assert.Equal(
            "LatentSteps",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => engine.RunAsync(good with { LatentSteps = -1 }, null, token))).Option);
        Assert.Equal(
            "MaxNewTokens",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => engine.RunAsync(good with { MaxNewTokens = 0 }, null, token))).Option);
        await Assert.ThrowsAsync<PromptException>(() => engine.RunAsync(good with { Question = new MasQuestion(" \n") }, null, token));
        Assert.Empty(_log);
    }

    [Fact]
    public async Task Prompts_and_edges_must_agree()
    {
        RecursionEngine engine = Chain();
        RunRequest request = Request(s_chain, 2);
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
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.RunAsync(Request(s_chain, 3), null, cancel.Token));
        TensorChecks.NoMoreLiveThan(before);
        await engine.RunAsync(Request(s_chain, 3), cancellationToken: TestContext.Current.CancellationToken);
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
            Request(s_star, 2),
            cancellationToken: TestContext.Current.CancellationToken));
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task Sessions_are_freed_when_their_agent_has_done_its_part_and_when_a_run_fails()
    {
        var agents = new Dictionary<string, FakeAgent>
        {
            ["planner"] = new("planner", 3, 1, _log),
            ["critic"] = new("critic", 4, 2, _log),
            ["solver"] = new("solver", 5, 3, _log),
        };
        var open = new List<int>();
        var links = new Dictionary<string, IRecursiveLink> { ["outer_12"] = new FakeLink(3, 4, 10), ["outer_23"] = new FakeLink(4, 5, 20) };
        var engine = new RecursionEngine(s_chain, agents.ToDictionary(agent => agent.Key, agent => (IAgent)agent.Value), links);
        await engine.RunAsync(
            Request(s_chain, 1),
            update => open.Add(update is StageStarted ? agents.Values.Sum(agent => agent.OpenSessions) : 0),
            TestContext.Current.CancellationToken);
        Assert.Equal(0, open.Max());
        Assert.All(agents.Values, agent => Assert.Equal(0, agent.OpenSessions));
        await Assert.ThrowsAsync<GraphException>(() => engine.RunAsync(Request(s_chain, 2), cancellationToken: TestContext.Current.CancellationToken));
        Assert.All(agents.Values, agent => Assert.Equal(0, agent.OpenSessions));
    }

    [Fact]
    public async Task An_agent_that_only_writes_can_write_the_answer_of_a_text_system()
    {
        var engine = new RecursionEngine(
            s_chain,
            s_chain.Agents.ToDictionary(name => name, name => (IAgent)new FakeWriter(name)),
            new Dictionary<string, IRecursiveLink>());
        var pieces = new List<string>();
        MasAnswer answer = await engine.RunAsync(
            Request(s_chain, 1) with { Channel = MasChannel.Text },
            update => pieces.AddRange(update is TokenWritten { Agent: "solver" } token ? [token.Text] : []),
            TestContext.Current.CancellationToken);
        Assert.Equal("solver wrote", answer.Text);
        Assert.Equal(["solver ", "wrote"], pieces);
        GraphException error =
            await Assert.ThrowsAsync<GraphException>(() => engine.RunAsync(Request(s_chain, 1), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("'planner' only writes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_pass_appends_to_the_writers_session()
    {
        RecursionEngine engine = Chain(write: read => read.Contains('+', StringComparison.Ordinal) ? "42" : "I forgot");
        MasAnswer answer = await engine.RunAsync(
            Request(s_chain, 1) with { Answers = new AskAgain() },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("I forgot\nAnswer: 42", answer.Text);
        Assert.True(answer.AnswerPassRan);
        Assert.Equal("solver writes 'solver r1 q<refined>' refined=22.5[2,5]+Answer:", _log[^1]);
        Assert.Equal(8, answer.Usage.ByAgent["solver"].PromptTokens);
    }

    [Fact]
    public async Task A_schedule_of_the_users_own_is_followed()
    {
        RecursionEngine engine = Chain(schedule: new SolverFirst());
        await engine.RunAsync(
            Request(s_chain, 1) with { Prompts = new OnePrompt(new AgentPrompt(null, [PromptPart.Given("q")])) },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["solver writes 'q'"], _log);
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

    private static RunRequest Request(MasGraph graph, int rounds, int steps = 2) => new()
    {
        Question = new MasQuestion("q"),
        Prompts = new FakePrompts(graph),
        Rounds = rounds,
        LatentSteps = steps,
        MaxNewTokens = 4,
    };

    private RecursionEngine Chain(
        bool links = true,
        Func<AgentPrompt, Tensor, Tensor>? disturb = null,
        Action? beforeStep = null,
        ScalarType dtype = ScalarType.Float32,
        IRecursionSchedule? schedule = null,
        Func<string, string>? write = null)
    {
        FakeAgent Agent(string name, int width, int identity) =>
            new(name, width, identity, _log) { Disturb = disturb, BeforeStep = beforeStep, EmbeddingDtype = dtype, Write = write };
        return new RecursionEngine(
            s_chain,
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

    private RecursionEngine Star(Func<AgentPrompt, Tensor, Tensor>? disturb = null, Action<IReadOnlyDictionary<string, LatentBlock>>? blocksRead = null) => new(
        s_star,
        s_star.Agents
            .Select((name, index) => new FakeAgent(name, 3, index + 1, _log) { BlocksRead = blocksRead, Disturb = disturb })
            .ToDictionary(agent => agent.Name, agent => (IAgent)agent),
        s_star.Edges.ToDictionary(edge => edge.Key, _ => (IRecursiveLink)new FakeLink(3, 3, 0.1f)));

    private sealed class OnePrompt(AgentPrompt prompt) : IPromptSource
    {
        public AgentPrompt GetPrompt(string agent, int round, MasQuestion question) => prompt;
    }

    private sealed class AskAgain : IAnswerReader
    {
        public ExtractedAnswer? Read(MasQuestion question, string text) => null;

        public AnswerContinuation? Continue(MasQuestion question, string text) => new("Answer: ", 4, InConversation: true);

        public ExtractedAnswer? ReadContinued(MasQuestion question, string text, string added) => new(added, AnswerSource.Phrase);
    }

    private sealed class SolverFirst : IRecursionSchedule
    {
        public IEnumerable<RecursionStage> GetStages(MasGraph graph, int rounds) => [new RecursionStage(1, StageAction.Write, ["solver"])];
    }
}
