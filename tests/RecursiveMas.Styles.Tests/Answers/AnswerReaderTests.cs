using RecursiveMas.Answers;
using RecursiveMas.Engine;
using Xunit;

namespace RecursiveMas.Styles.Tests.Answers;

/// <summary>Faults of the reference's answer pass, mended and kept.</summary>
public sealed class AnswerReaderTests
{
    private const string CutOff = "Here:\n```python\ndef f():\n    return 1";

    private static readonly PromptCatalogue s_prompts = PromptCatalogue.BuiltIn("sequential");

    [Theory]
    [InlineData(TaskKind.Math, "no box", 16)]
    [InlineData(TaskKind.Choice, "no letter", 16)]
    [InlineData(TaskKind.Code, CutOff, 256)]
    public void TextsWithoutAnAnswerAreContinued(TaskKind kind, string text, int tokens)
    {
        var question = new MasQuestion("?") { Kind = kind };
        Assert.Equal(
            new AnswerContinuation(s_prompts.GetAnswerPass(question)!, tokens, InConversation: true),
            Reader(MasCompatibility.Default).Continue(question, text));
        Assert.Equal(
            new AnswerContinuation(s_prompts.GetAnswerPass(question)!, tokens, InConversation: false),
            Reader(MasCompatibility.Reference).Continue(question, text));
        Assert.Null(new AnswerReader(s_prompts, MasCompatibility.Default, enabled: false).Continue(question, text));
    }

    [Theory]
    [InlineData(TaskKind.Math, "\\boxed{1}")]
    [InlineData(TaskKind.Choice, "\\boxed{B}")]
    [InlineData(TaskKind.Code, "```python\nx = 1\n```")]
    [InlineData(TaskKind.Free, "")]
    public void TextsWithAnAnswerAreNot(TaskKind kind, string text)
    {
        foreach (MasCompatibility compatibility in Enum.GetValues<MasCompatibility>())
            Assert.Null(Reader(compatibility).Continue(new MasQuestion("?") { Kind = kind }, text));
    }

    [Theory]
    [InlineData(TaskKind.Math, "So the answer is 15")]
    [InlineData(TaskKind.Math, "### Final Answer\n\n17")]
    [InlineData(TaskKind.Choice, "I would choose (B).")]
    [InlineData(TaskKind.Code, "~~~py\nx = 1\n~~~")]
    public void ACommitmentInAnotherFormIsAskedForAgainByTheReferenceOnly(TaskKind kind, string text)
    {
        var question = new MasQuestion("?") { Kind = kind };
        Assert.Null(Reader(MasCompatibility.Default).Continue(question, text));
        Assert.NotNull(Reader(MasCompatibility.Reference).Continue(question, text));
    }

    [Fact]
    public void ALetterThatTheQuestionOffersIsAnAnswer()
    {
        const string Text = "The answer is (E).";
        var question = new MasQuestion("Which?\nA. 1\nB. 2\nC. 3\nD. 4\nE. 5") { Kind = TaskKind.Choice };
        Assert.Null(Reader(MasCompatibility.Default).Continue(question, Text));
        Assert.Equal(new ExtractedAnswer("E", AnswerSource.Phrase), Reader(MasCompatibility.Default).Read(question, Text));
        Assert.NotNull(Reader(MasCompatibility.Default).Continue(question with { Text = "Which?" }, Text));
    }

    [Fact]
    public void AnAnswerOfThePassIsMarkedAndOneThatWasThereBeforeIsNot()
    {
        const string Added = "My answer: \\boxed{1}", Nothing = "My answer: \\boxed{";
        var question = new MasQuestion("?");
        foreach (MasCompatibility compatibility in Enum.GetValues<MasCompatibility>())
            Assert.Equal(new ExtractedAnswer("1", AnswerSource.AnswerPass), Reader(compatibility).ReadContinued(question, $"no box\n{Added}", Added));
        Assert.Null(Reader(MasCompatibility.Default).ReadContinued(question, $"no box\n{Nothing}", Nothing));
        // The reference goes on from a label without a box, and reads the label again where the pass gives nothing.
        Assert.Equal(
            new ExtractedAnswer("15", AnswerSource.Phrase),
            Reader(MasCompatibility.Reference).ReadContinued(question, $"Final Answer: 15\n{Nothing}", Nothing));
    }

    [Fact]
    public void CodeCutOffInItsFenceIsReadBehindTheAdditionOnly()
    {
        var question = new MasQuestion("?") { Kind = TaskKind.Code };
        string added = s_prompts.GetAnswerPass(question) + "def f():\n    return 2\n```", whole = $"{CutOff}\n{added}";
        Assert.Equal("def f():\n    return 2", Reader(MasCompatibility.Default).ReadContinued(question, whole, added)?.Value);
        string? reference = Reader(MasCompatibility.Reference).ReadContinued(question, whole, added)?.Value;
        Assert.StartsWith("def f():\n    return 1", reference, StringComparison.Ordinal);
        Assert.DoesNotContain("return 2", reference, StringComparison.Ordinal);
    }

    private static AnswerReader Reader(MasCompatibility compatibility) => new(s_prompts, compatibility, enabled: true);
}
