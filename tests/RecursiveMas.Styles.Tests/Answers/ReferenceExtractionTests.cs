using System.Text.Json;
using RecursiveMas.Answers;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests.Answers;

public sealed class ReferenceExtractionTests
{
    [Fact]
    public void EveryGoldenRowIsExtractedAsTheReferenceDoes()
    {
        var faults = new List<string>();
        foreach (JsonElement row in ScoringRows.Read("reference.jsonl", row => row.TryGetProperty("parsed", out _)))
        {
            string output = row.Text("output")!;
            string? parsed = AnswerExtractor.Extract(output, row.Kind(), AnswerExtraction.Reference)?.Value;
            // The judge's default for a choice that cannot be read is its own; extraction says null.
            string? extracted = parsed ?? (row.Kind() == TaskKind.Choice ? "A" : null);
            bool pass = ReferenceExtraction.WantsAnswerPass(output, row.Kind());
            if (parsed != row.Text("parsed") || extracted != row.Text("extracted") || pass != row.GetProperty("answer_pass").GetBoolean())
                faults.Add(
                    $"{row.Text("dataset")}: {ScoringRows.Shown(output)} -> '{parsed}', pass {pass}; expected '{row.Text("parsed")}', " +
                    $"pass {row.GetProperty("answer_pass")}");
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void CodeIsExtractedAsTheReferenceDoes()
    {
        foreach (JsonElement row in ScoringRows.Read("code.jsonl"))
        {
            ExtractedAnswer? code = AnswerExtractor.Extract(row.Text("output")!, TaskKind.Code, AnswerExtraction.Reference);
            Assert.Equal(row.Text("reference_code"), code?.Value ?? "");
            Assert.True(code is null or { Source: AnswerSource.CodeBlock });
        }
    }

    [Theory]
    [InlineData("```python\nprint(1)\n```", false)]
    [InlineData("```py\nprint(1)\n```", true)]
    [InlineData("```python\nprint(1)", true)]
    [InlineData("```PYTHON\n```", false)]
    public void CodeWantsAnAnswerPassWithoutAPythonBlock(string output, bool wanted) =>
        Assert.Equal(wanted, ReferenceExtraction.WantsAnswerPass(output, TaskKind.Code));

    [Theory]
    [InlineData("")]
    [InlineData("no answer at all")]
    public void AFreeQuestionNeverWantsAnAnswerPass(string output) => Assert.False(ReferenceExtraction.WantsAnswerPass(output, TaskKind.Free));

    [Theory]
    [InlineData("\\boxed{1} then \\boxed{2}", "2", AnswerSource.Box)]
    [InlineData("\\boxed{\\frac{1}{2}} so {x}", "\\frac{1}{2}} so {x", AnswerSource.Box)]
    [InlineData("\\boxed{5} and later \\boxed{\\frac{1}{2}}", "5", AnswerSource.Box)]
    [InlineData("\\boxed{\\sqrt{2}}\n\\boxed{\\sqrt{3}}\ndone", "\\sqrt{3}", AnswerSource.Box)]
    [InlineData("F\u0131nal An\u017Fwer: 3", "3", AnswerSource.Phrase)]
    [InlineData("Final Answer:\nFinal Answer: 3", "Final Answer: 3", AnswerSource.Phrase)]
    [InlineData("the result is 7", "the result is 7", AnswerSource.WholeText)]
    public void FaultsOfTheReferenceAreKept(string output, string value, AnswerSource source) =>
        Assert.Equal(new ExtractedAnswer(value, source), AnswerExtractor.Extract(output, TaskKind.Math, AnswerExtraction.Reference));

    [Theory]
    [InlineData("Answer: D\u0308", "D")]
    [InlineData("Answer: D\u00b2", null)]
    [InlineData("Answer: D\U00020000", null)]
    [InlineData("answer\u001c:\u00a0C", "C")]
    public void WordsEndAsInPython(string output, string? letter) =>
        Assert.Equal(letter, AnswerExtractor.Extract(output, TaskKind.Choice, AnswerExtraction.Reference)?.Value);
}
