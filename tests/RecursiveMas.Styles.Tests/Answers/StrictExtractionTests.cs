using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests.Answers;

public sealed class StrictExtractionTests
{
    [Fact]
    public void EveryChoiceRowGivesItsLetter()
    {
        var faults = new List<string>();
        foreach (JsonElement row in ScoringRows.Read("strict.jsonl", row => row.Text("kind") == "choice"))
        {
            string? letter = AnswerExtractor.Extract(row.Text("output")!, TaskKind.Choice)?.Value;
            bool mayBeUnread = row.Text("level") == "optional" && letter is null;
            if (row.Text("level") != "unclear" && !mayBeUnread && letter != row.Text("letter"))
                faults.Add($"{row.Text("level")}: {ScoringRows.Shown(row.Text("output")!)} -> '{letter}', expected '{row.Text("letter")}'");
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void MathRowsThatAreRightHaveAnAnswerAndRowsThatAreWrongNeverReadAsTheGold()
    {
        var faults = new List<string>();
        foreach (JsonElement row in ScoringRows.Read("strict.jsonl", row => row.Text("kind") == "math" && row.Text("level") != "unclear"))
        {
            // A frame counts as a box; the rows are older than that.
            if (row.Text("output")!.Contains("\\fbox", StringComparison.Ordinal))
                continue;
            string? value = AnswerExtractor.Extract(row.Text("output")!, TaskKind.Math)?.Value;
            bool right = row.GetProperty("equivalent").GetBoolean();
            if (right ? row.Text("level") == "required" && value is null : value is not null && value == row.Text("gold"))
                faults.Add($"{row.Text("topic")}: {ScoringRows.Shown(row.Text("output")!)} -> '{value}', gold {row.Text("gold")}, equivalent {right}");
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void CodeIsTheBlockThatDefinesTheFunction()
    {
        IReadOnlyList<JsonElement> rows = ScoringRows.Read("code.jsonl");
        Assert.NotEmpty(rows);
        foreach (JsonElement row in rows)
        {
            string function = row.Text("entry_point")!, last = row.Text("strict_code")!, first = row.Text("reference_code")!;
            // The rows name the last block, also where it is only an example of use and the first one is the function.
            bool example = last.Length > 0
                && !last.Contains($"def {function}", StringComparison.Ordinal)
                && first.Contains($"def {function}", StringComparison.Ordinal);
            var question = new MasQuestion("?") { Kind = TaskKind.Code, FunctionName = function };
            Assert.Equal(example ? first : last, AnswerExtractor.Extract(row.Text("output")!, question)?.Value ?? "");
        }
    }

    [Theory]
    [InlineData("\\boxed{\\frac{1}{2}} so that \\{x\\} works", "\\frac{1}{2}")]
    [InlineData("\\boxed{5} and later \\boxed{\\frac{1}{2}}", "\\frac{1}{2}")]
    [InlineData("\\boxed{17} ... corrected: \\boxed{42", "17")]
    [InlineData("\\boxed{\\{1,2\\}}", "\\{1,2\\}")]
    [InlineData("\\boxed {\n 42 }", "42")]
    [InlineData("\\boxed{\\boxed{42}}", "42")]
    [InlineData("\\boxed{\\frac{\\boxed{3}}{2}}", "\\frac{\\boxed{3}}{2}")]
    [InlineData("a \\\\\\boxed{42} \\\\boxed{43}", "43")]
    [InlineData("\\boxed{$42$.}", "42")]
    [InlineData("x} \\boxed{42}} extra", "42")]
    [InlineData("<think>\\boxed{41}</think>The result is \\boxed{42}.", "42")]
    [InlineData("so it is \\boxed{41}?</think>\\boxed{42}", "42")]
    [InlineData("\\boxed{1} <result> \\boxed{2} </result> done", "1")]
    public void TheLastCompleteBoxCounts(string output, string value) =>
        Assert.Equal(new ExtractedAnswer(value, AnswerSource.Box), AnswerExtractor.Extract(output, TaskKind.Math));

    [Theory]
    [InlineData("Final Answer: 42", "42")]
    [InlineData("**Final Answer:** $42$.", "42")]
    [InlineData("**Final Answer: 42**", "42")]
    [InlineData("Final Answer: 41\nWait.\nFinal Answer: \\(42\\)", "42")]
    [InlineData("The final answer is 42.", "42")]
    [InlineData("Final Answer:\n\n42\nthat is all", "42")]
    public void AnExplicitFinalAnswerCounts(string output, string value) =>
        Assert.Equal(new ExtractedAnswer(value, AnswerSource.Phrase), AnswerExtractor.Extract(output, TaskKind.Math));

    [Theory]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("the steps give 42")]
    [InlineData("\\boxed{42")]
    [InlineData("\\boxed{}")]
    [InlineData("Final Answer:")]
    [InlineData("finally answer: 42")]
    [InlineData("<think>\\boxed{42}")]
    [InlineData("<think>\\boxed{42}</think>I am not sure.")]
    [InlineData("<result> \\boxed{42} </result>")]
    public void WithoutACommitmentThereIsNoAnswer(string output) => Assert.Null(AnswerExtractor.Extract(output, TaskKind.Math));

    [Theory]
    [InlineData("so x = \\boxed{2}. The answer is B.", "B")]
    [InlineData("The answer is B. \\boxed{2}", null)]
    [InlineData("Answer: A. Final choice: none of these", null)]
    [InlineData("Answer: A drug lowers it", null)]
    [InlineData("Answer: B cells", null)]
    [InlineData("The answer is A or C.", null)]
    [InlineData("The answer is A, B and C.", null)]
    [InlineData("\\boxed{A+B}", null)]
    [InlineData("The option is [D].", "D")]
    public void ALetterNeedsACommitment(string output, string? letter) => Assert.Equal(letter, AnswerExtractor.Extract(output, TaskKind.Choice)?.Value);

    [Fact]
    public void AFreeAnswerIsTheWholeTextWithoutThinking() =>
        Assert.Equal(new ExtractedAnswer("It rains.", AnswerSource.WholeText), AnswerExtractor.Extract("<think>hm</think>\n It rains.\n", TaskKind.Free));

    [Theory]
    [InlineData("```python\nx = 1\n```\n```text\nnot code\n```", "x = 1")]
    [InlineData("```python\nlost\n```python\nx = 1\n```", "x = 1")]
    [InlineData("```\n```", null)]
    public void OnlyPythonBlocksAreCode(string output, string? code) => Assert.Equal(code, AnswerExtractor.Extract(output, TaskKind.Code)?.Value);
}
