using Xunit;

namespace RecursiveMas.Core.Tests.Engine;

/// <summary>Questions that are too long for some agent of a run.</summary>
[Collection(LiveTensors.Collection)]
public class PromptLengthTests
{
    private static readonly MasGraph s_chain = new(
        [["first"], ["second"]],
        [new MasEdge("there", "first", "second", "plan"), new MasEdge("back", "second", "first", "feedback")],
        "second");

    private readonly List<string> _log = [];

    // "first r1 " and "second r1 " have 9 and 10 letters, the question 11, a block 4 vectors, and a rollout reads 3 states of its own.
    [Theory]
    [InlineData(MasChannel.Latent, 1, 23, 100, null)]
    [InlineData(MasChannel.Latent, 1, 22, 100, "'first' in round 1 takes 20 positions and 3 more are needed, but its model has 22")]
    [InlineData(MasChannel.Latent, 2, 26, 100, "'first' in round 2 takes 24 positions and 3 more")]
    [InlineData(MasChannel.Latent, 2, 27, 100, null)]
    [InlineData(MasChannel.Latent, 1, 100, 26, null)]
    [InlineData(MasChannel.Latent, 1, 100, 25, "'second' in round 1 takes 25 positions and 1 more")]
    [InlineData(MasChannel.Latent, 2, 100, 27, "'second' in round 1 takes 25 positions and 3 more")]
    [InlineData(MasChannel.Zero, 1, 100, 25, "'second' in round 1")]
    [InlineData(MasChannel.None, 2, 1, 22, null)] // nobody thinks and blocks are empty
    [InlineData(MasChannel.None, 2, 1, 21, "'second' in round 2 takes 21 positions and 1 more")]
    [InlineData(MasChannel.Text, 2, 21, 22, null)] // at least: texts are not known yet
    [InlineData(MasChannel.Text, 2, 20, 22, "'first' in round 1 takes 20 positions and 1 more")]
    public async Task A_question_is_refused_before_anybody_begins(MasChannel channel, int rounds, int first, int second, string? refusal)
    {
        var engine = new RecursionEngine(
            s_chain,
            new Dictionary<string, IAgent>
            {
                ["first"] = new FakeAgent("first", 3, 1, _log) { MaxPositions = first },
                ["second"] = new FakeAgent("second", 3, 2, _log) { MaxPositions = second },
            },
            new Dictionary<string, IRecursiveLink> { ["there"] = new FakeLink(3, 3, 1), ["back"] = new FakeLink(3, 3, 1) });
        var request = new RunRequest
        {
            Question = new MasQuestion("12345678901"),
            Prompts = new FakePrompts(s_chain),
            Rounds = rounds,
            LatentSteps = 4,
            MaxNewTokens = 5,
            Channel = channel,
        };
        List<MasUpdate> updates = [];
        Task<MasAnswer> Run() => engine.RunAsync(request, updates.Add, TestContext.Current.CancellationToken);
        if (refusal is null)
        {
            Assert.NotEmpty((await Run()).Text);
            return;
        }

        Assert.Contains(refusal, (await Assert.ThrowsAsync<PromptException>(Run)).Message, StringComparison.Ordinal);
        Assert.Empty(updates);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task Agents_that_cannot_tell_are_asked_for_nothing()
    {
        var engine = new RecursionEngine(
            s_chain,
            new Dictionary<string, IAgent> { ["first"] = new FakeAgent("first", 3, 1, _log), ["second"] = new FakeAgent("second", 3, 2, _log) },
            new Dictionary<string, IRecursiveLink> { ["there"] = new FakeLink(3, 3, 1), ["back"] = new FakeLink(3, 3, 1) });
        var request = new RunRequest
        {
            Question = new MasQuestion(new string('x', 10_000)),
            Prompts = new FakePrompts(s_chain),
            Rounds = 2,
            LatentSteps = 1,
            MaxNewTokens = 1,
        };
        Assert.NotEmpty((await engine.RunAsync(request, cancellationToken: TestContext.Current.CancellationToken)).Text);
    }
}
