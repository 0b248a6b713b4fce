using System.Text;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests.Answers;

/// <summary>A writer that runs out of tokens before its answer is sent back for it.</summary>
public sealed class AnswerPassTests
{
    private const string Question = SystemFixture.Question;

    // The tiny solver writes "all done so = 13", a line break and the box; this many tokens end before the box.
    private const int BeforeTheBox = 6;

    private static readonly PromptCatalogue s_prompts = PromptCatalogue.Parse(
        Encoding.UTF8.GetBytes("""{ "format": 1, "name": "n", "version": "1", "extends": "sequential-tiny", "answer_pass": { "math": "\\boxed{" } }"""),
        "test.json");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task InItsConversationTheWriterGivesTheAnswerThatItWasAboutToGive()
    {
        await using MasSystem mas = await LoadAsync(MasCompatibility.Default);
        MasAnswer whole = await mas.AskAsync(Question, Token);
        Assert.Equal((new ExtractedAnswer("13", AnswerSource.Box), false), (whole.Extracted, whole.AnswerPassRan));
        var events = new List<MasUpdate>();
        await foreach (MasUpdate update in mas.AskStreamingAsync(new MasQuestion(Question), new AskOptions { MaxNewTokens = BeforeTheBox }, Token))
            events.Add(update);
        MasAnswer answer = Assert.IsType<AnswerReady>(events[^1]).Answer;
        Assert.True(answer.AnswerPassRan);
        Assert.Equal(new ExtractedAnswer("13", AnswerSource.AnswerPass), answer.Extracted);
        Assert.EndsWith("\n\\boxed{13}", answer.Text, StringComparison.Ordinal);
        Assert.Equal("\n\\boxed{", Assert.Single(events.OfType<AnswerPassStarted>()).Addition);
        Assert.Equal(answer.TokenIds, events.OfType<TokenWritten>().Select(token => token.TokenId!.Value));
        Assert.Equal(answer.TokenIds.Count, answer.Usage.ByAgent["solver"].GeneratedTokens);
        Assert.Equal(FinishReason.MaxNewTokens, answer.Finish);
    }

    [Fact]
    public async Task TheReferenceShowsTheWriterNothingButItsOwnText()
    {
        await using MasSystem mas = await LoadAsync(MasCompatibility.Reference);
        MasAnswer answer = await mas.AskAsync(new MasQuestion(Question), new AskOptions { MaxNewTokens = BeforeTheBox }, Token);
        MasAnswer without = await mas.AskAsync(new MasQuestion(Question), new AskOptions { MaxNewTokens = BeforeTheBox, AnswerPass = false }, Token);
        Assert.StartsWith(without.Text + "\n\\boxed{", answer.Text, StringComparison.Ordinal);
        Assert.True(answer.AnswerPassRan);
        // The second prompt is the text and the addition alone.
        int second = answer.Usage.ByAgent["solver"].PromptTokens - without.Usage.ByAgent["solver"].PromptTokens;
        Assert.InRange(second, BeforeTheBox, without.Usage.ByAgent["solver"].PromptTokens / 3);
        Assert.Equal(
            AnswerExtractor.Extract(answer.Text, TaskKind.Math, AnswerExtraction.Reference)! with { Source = AnswerSource.AnswerPass },
            answer.Extracted);
    }

    [Fact]
    public async Task OnlyQuestionsWithoutAnAnswerAreAskedAgain()
    {
        await using MasSystem mas = await LoadAsync(MasCompatibility.Default);
        string[] questions = [Question, "Zoe has 7 beads. January gets 2. How many beads?", "Ben has 3 pens. January gets 2. How many pens?"];
        foreach (int batch in new[] { 1, 3 })
        {
            IReadOnlyList<MasAnswer> answers = await mas
                .AskManyAsync(questions, new AskOptions { MaxNewTokens = BeforeTheBox, MaxConcurrency = batch }, cancellationToken: Token)
                .AnswersAsync();
            Assert.Equal(["13", "9", "5"], answers.Select(answer => answer.Extracted?.Value));
            Assert.All(answers, answer => Assert.True(answer.AnswerPassRan));
            answers = await mas.AskManyAsync(questions, new AskOptions { MaxConcurrency = batch }, cancellationToken: Token).AnswersAsync();
            Assert.All(answers, answer => Assert.False(answer.AnswerPassRan));
        }
    }

    [Fact]
    public async Task OnTheTextChannelTheWriterGoesOnToo()
    {
        await using MasSystem mas = await LoadAsync(MasCompatibility.Default);
        MasAnswer answer = await mas.AskAsync(
            new MasQuestion("Zoe has 7 beads. January gets 2. How many beads?"),
            new AskOptions { MaxNewTokens = BeforeTheBox, Channel = MasChannel.Text, Rounds = 1 },
            Token);
        Assert.True(answer.AnswerPassRan);
        Assert.Contains("\n\\boxed{", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutAnAdditionNobodyIsAskedAgainAndAskingForItIsAnError()
    {
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, cancellationToken: Token);
        MasAnswer answer = await mas.AskAsync(new MasQuestion(Question), new AskOptions { MaxNewTokens = BeforeTheBox }, Token);
        Assert.Equal((false, null), (answer.AnswerPassRan, answer.Extracted));
        InvalidOptionException error =
            await Assert.ThrowsAsync<InvalidOptionException>(() => mas.AskAsync(new MasQuestion(Question), new AskOptions { AnswerPass = true }, Token));
        Assert.Equal(nameof(MasOptions.AnswerPass), error.Option);
    }

    private static Task<MasSystem> LoadAsync(MasCompatibility compatibility) =>
        MasSystem.LoadAsync(SystemFixture.Name, new MasOptions { Prompts = s_prompts, Compatibility = compatibility }, cancellationToken: Token);
}
