using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Judging;

/// <summary>Recorded verdicts of the reference's judge, and those of a careful one.</summary>
public sealed class CodeGoldenTests
{
    [Fact]
    public async Task Verdicts_of_both_rules_agree()
    {
        JsonElement[] rows = [.. ScoringRows.Read("code.jsonl")];
        CodeScore[] scores = await Task.WhenAll(
            rows.Select(row => Judges.Patient.JudgeAsync(row.Text("reference_code"), row.Text("strict_code"), Tests(row), Stop)));
        var wrong = new List<string>();
        foreach ((JsonElement row, CodeScore score) in rows.Zip(scores))
        {
            bool passed = row.GetProperty("reference_passed").GetBoolean();
            (bool AllPassed, string? ErrorType) reference = (passed, row.Text("reference_error"));
            if (reference != (score.Reference.AllPassed, score.Reference.ErrorType))
                wrong.Add($"{row.Text("note")}: reference {reference}, not {score.Reference}");
            CodeOutcome outcome = row.Text("verdict") switch
            {
                "pass" => CodeOutcome.Passed,
                "fail" => CodeOutcome.Failed,
                "error" => CodeOutcome.Error,
                "timeout" => CodeOutcome.TimedOut,
                "no-code" => CodeOutcome.NoCode,
                var other => throw new InvalidDataException(other),
            };
            if (outcome != score.Strict.Outcome)
                wrong.Add($"{row.Text("note")}: strict {outcome}, not {score.Strict}");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} differences:\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public async Task Programs_are_taken_out_of_the_text_by_both_rules()
    {
        // Where the last block is only an example, strict reading takes the one that defines the function; the rows are older than that.
        JsonElement[] rows = [.. ScoringRows.Read("code.jsonl").Where(row => row.Text("reference_code") != row.Text("strict_code")
            && (row.Text("strict_code") is "" || row.Text("strict_code")!.Contains(row.Text("entry_point")! + "(", StringComparison.Ordinal)
                && row.Text("strict_code")!.Contains("def ", StringComparison.Ordinal)))];
        Assert.SkipWhen(rows.Length == 0, "Both rules take the same program out of every text.");
        foreach (JsonElement row in rows)
        {
            EvaluationQuestion question = new(0, "0", "?") { Kind = TaskKind.Code, FunctionName = row.Text("entry_point"), Tests = Tests(row) };
            CodeScore score = await Judges.Patient.JudgeAsync(row.Text("output")!, question, Stop);
            Assert.Equal((row.Text("reference_code") ?? "", row.Text("strict_code") ?? ""), (score.Reference.Code ?? "", score.Strict.Code ?? ""));
            Assert.Equal(
                (row.GetProperty("reference_passed").GetBoolean(), row.Text("verdict") == "pass"),
                (score.Reference.AllPassed, score.Strict.AllPassed));
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static AssertionTests Tests(JsonElement row) => new(row.Text("tests")!) { FunctionName = row.Text("entry_point") };
}
