using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests.Tiny;

/// <summary>The trained tiny mixture answers fresh questions as the reference implementation does with the same weights.</summary>
public class MixtureTinyTests
{
    private const string Name = "mixture_tiny";
    private const int Batch = 40;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Texts_and_accuracies_are_the_recorded_ones_and_rise_with_them()
    {
        TinyGolden golden = TinyGolden.Open(Name);
        await using MasSystem mas = await LoadAsync(golden);
        await golden.RequireRecordedAsync(mas);
    }

    [Theory]
    [InlineData(MasChannel.Zero)]
    [InlineData(MasChannel.Noise)]
    [InlineData(MasChannel.Shuffled)]
    public async Task A_broken_channel_falls_to_chance(MasChannel channel)
    {
        TinyGolden golden = TinyGolden.Open(Name);
        await using MasSystem mas = await LoadAsync(golden);
        string[] texts = await golden.AskAsync(mas, new AskOptions { Rounds = 4, Channel = channel, Seed = 1 });
        // One of 24 people by chance; neighbours in the batch may share an answer.
        Assert.InRange(golden.Accuracy(texts), 0, 15);
    }

    [Fact]
    public async Task The_embedded_system_loads_by_name_and_answers_with_the_shipped_prompts()
    {
        await using MasSystem mas = await MasSystem.LoadAsync(Name, cancellationToken: Token);
        Assert.Equal(["math", "code", "science", "summarizer"], mas.Agents.Keys);
        (string Question, string Answer)[] some =
        [
            ("Who is Ben's boss?", "Kai"),
            ("Who is Jan's friend's boss?", "Eva"),
            ("Who is Ida's boss's boss's boss?", "Ana"),
            ("Who is Zoe's neighbour's neighbour's boss?", "Otto"),
        ];
        IReadOnlyList<MasAnswer> answers = await mas.AskManyAsync(some.Select(question => question.Question), cancellationToken: Token).AnswersAsync();
        Assert.All(answers, answer => Assert.Equal(4, answer.Rounds));
        Assert.Equal(some.Select(question => question.Answer), answers.Select(answer => answer.Extracted?.Value));
        Assert.All(answers, answer => Assert.Equal((4 * 3) + 3 + 1, answer.Stages.Count));
        Assert.All(
            answers,
            answer => Assert.Equal(("summarizer", 4, StageAction.Write), (answer.Stages[^1].Agent, answer.Stages[^1].Round, answer.Stages[^1].Action)));
        // Three experts hand over four times, the summarizer three times to each of them.
        Assert.All(answers, answer => Assert.Equal(12 + 9, answer.Trace.Count));
    }

    private static Task<MasSystem> LoadAsync(TinyGolden golden) => golden.LoadAsync(Name, TinyPrompts.Mixture(golden), maxNewTokens: 12, Batch);
}
