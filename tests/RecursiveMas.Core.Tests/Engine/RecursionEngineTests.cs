using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests.Engine;

/// <summary>Who does what when: schedules, events, the answer pass.</summary>
[Collection(LiveTensors.Collection)]
public sealed class RecursionEngineTests : EngineTestParts
{
    [Fact]
    public async Task One_round_of_a_chain_uses_no_feedback()
    {
        await Chain().RunAsync(Request(ChainGraph, rounds: 1), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "planner thinks 'planner r1 q'",
                "critic thinks 'critic r1 q<plan>' plan=11.5[2,4]",
                "solver writes 'solver r1 q<refined>' refined=22.5[2,5]",
            ],
            Log);
    }

    [Fact]
    public async Task Three_rounds_of_a_chain_follow_the_table()
    {
        MasAnswer answer = await Chain().RunAsync(Request(ChainGraph, rounds: 3), cancellationToken: TestContext.Current.CancellationToken);
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
            Log);
        Assert.Equal("solver says so", answer.Text);
        Assert.Equal(["outer_12", "outer_23", "outer_31", "outer_12", "outer_23", "outer_31", "outer_12", "outer_23"], answer.Trace.Select(hop => hop.Edge));
        Assert.Equal(new AgentUsage(21, 6, 0) { SplicedVectors = 4, ReusedPositions = 6, CacheBytes = 100 }, answer.Usage.ByAgent["planner"]);
        Assert.Equal(new AgentUsage(21, 4, 1) { SplicedVectors = 6, ReusedPositions = 6, CacheBytes = 100 }, answer.Usage.ByAgent["solver"]);
        Assert.Equal(16, answer.Usage.LatentVectors);
    }

    [Fact]
    public async Task Agents_of_one_stage_are_blind_to_each_other_and_all_feed_the_next()
    {
        await Star().RunAsync(Request(StarGraph, rounds: 2), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            ["code thinks 'code r1 q'", "math thinks 'math r1 q'", "science thinks 'science r1 q'"],
            Log.Take(3).Order(StringComparer.Ordinal));
        Assert.Equal("summarizer thinks 'summarizer r1 q<math><code><science>' code=2.6[2,3] math=1.6[2,3] science=3.6[2,3]", Log[3]);
        Assert.Equal(
            [
                "code thinks 'code r2 q<feedback>' feedback=4.6[2,3]",
                "math thinks 'math r2 q<feedback>' feedback=4.6[2,3]",
                "science thinks 'science r2 q<feedback>' feedback=4.6[2,3]",
            ],
            Log.Skip(4).Take(3).Order(StringComparer.Ordinal));
        Assert.StartsWith("summarizer writes 'summarizer r2", Log[7], StringComparison.Ordinal);
        Assert.Equal(8, Log.Count);
    }

    [Fact]
    public async Task Events_tell_the_whole_story_in_order()
    {
        var events = new List<MasUpdate>();
        await Chain().RunAsync(Request(ChainGraph, rounds: 1), events.Add, TestContext.Current.CancellationToken);
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
    public async Task An_agent_that_only_writes_can_write_the_answer_of_a_text_system()
    {
        var engine = new RecursionEngine(
            ChainGraph,
            ChainGraph.Agents.ToDictionary(name => name, name => (IAgent)new FakeWriter(name)),
            new Dictionary<string, IRecursiveLink>());
        var pieces = new List<string>();
        MasAnswer answer = await engine.RunAsync(
            Request(ChainGraph, 1) with { Channel = MasChannel.Text },
            update => pieces.AddRange(update is TokenWritten { Agent: "solver" } token ? [token.Text] : []),
            TestContext.Current.CancellationToken);
        Assert.Equal("solver wrote", answer.Text);
        Assert.Equal(["solver ", "wrote"], pieces);
        GraphException error =
            await Assert.ThrowsAsync<GraphException>(() => engine.RunAsync(Request(ChainGraph, 1), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("'planner' only writes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_pass_appends_to_the_writers_session()
    {
        RecursionEngine engine = Chain(write: read => read.Contains('+', StringComparison.Ordinal) ? "42" : "I forgot");
        MasAnswer answer = await engine.RunAsync(
            Request(ChainGraph, 1) with { Answers = new AskAgain() },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("I forgot\nAnswer: 42", answer.Text);
        Assert.True(answer.AnswerPassRan);
        Assert.Equal("solver writes 'solver r1 q<refined>' refined=22.5[2,5]+Answer:", Log[^1]);
        Assert.Equal(8, answer.Usage.ByAgent["solver"].PromptTokens);
    }

    [Fact]
    public async Task A_schedule_of_the_users_own_is_followed()
    {
        RecursionEngine engine = Chain(schedule: new SolverFirst());
        await engine.RunAsync(
            Request(ChainGraph, 1) with { Prompts = new OnePrompt(new AgentPrompt(null, [PromptPart.Given("q")])) },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["solver writes 'q'"], Log);
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
