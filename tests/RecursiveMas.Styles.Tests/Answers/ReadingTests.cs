using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests.Answers;

/// <summary>Outputs as models write them, with what a careful person reads: tables of "text", "answer" and what is known of the question.</summary>
public sealed class ReadingTests
{
    [Theory]
    [InlineData(TaskKind.Math, "readings.math.jsonl")]
    [InlineData(TaskKind.Choice, "readings.choice.jsonl")]
    [InlineData(TaskKind.Code, "readings.code.jsonl")]
    public void AnswersAreReadAsACarefulPersonDoes(TaskKind kind, string file)
    {
        string path = Path.Combine(Goldens.RepositoryRoot, "tests", "RecursiveMas.Styles.Tests", "Answers", file);
        var faults = new List<string>();
        int rows = 0;
        foreach (JsonElement row in File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement))
        {
            rows++;
            string text = row.Text("text")!;
            var question = new MasQuestion(row.Text("question") ?? "")
            {
                Kind = kind,
                FunctionName = row.Text("function"),
                WholeProgram = row.TryGetProperty("program", out _),
            };
            string? read = AnswerExtractor.Extract(text, question)?.Value;
            if (read != row.Text("answer"))
                faults.Add($"{text} -> '{read}', expected '{row.Text("answer")}'");
        }

        Assert.Empty(faults);
        Assert.True(rows > 100, $"{file} has {rows} rows.");
    }

    [Theory]
    [InlineData(TaskKind.Math, "$\\boxed{1}$", "1", AnswerSource.Box)]
    [InlineData(TaskKind.Math, "## Answer\n1", "1", AnswerSource.Phrase)]
    [InlineData(TaskKind.Choice, "\\boxed{B}", "B", AnswerSource.Box)]
    [InlineData(TaskKind.Choice, "Option B is correct.", "B", AnswerSource.Phrase)]
    [InlineData(TaskKind.Choice, "(B)\n\nIt binds.", "B", AnswerSource.WholeText)]
    [InlineData(TaskKind.Code, "~~~\nx = 1\n~~~", "x = 1", AnswerSource.CodeBlock)]
    public void TheSourceSaysWhereTheAnswerStood(TaskKind kind, string text, string value, AnswerSource source) =>
        Assert.Equal(new ExtractedAnswer(value, source), AnswerExtractor.Extract(text, kind));
}
