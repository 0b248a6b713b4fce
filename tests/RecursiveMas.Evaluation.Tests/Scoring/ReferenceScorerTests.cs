using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Scoring;

/// <summary>Verdicts of the reference implementation, recorded.</summary>
public class ReferenceScorerTests
{
    [Fact]
    public void Verdicts_are_those_of_the_reference_in_every_field()
    {
        var wrong = new List<string>();
        foreach (JsonElement row in ScoringRows.Read("reference.jsonl"))
        {
            string output = row.Text("output")!, gold = row.Text("gold")!;
            ScoreVerdict verdict = AnswerScorer.ScoreAsReference(output, gold, row.Comparison());
            if (row.Text("raises") is not null)
            {
                if (verdict.Correct)
                    wrong.Add($"{ScoringRows.Shown(output)}: right, where the reference fails");
                continue;
            }

            string Form(string form) => form.Length == 0 ? form : $"{verdict.Rule}:{form}";
            (string, object?, object?)[] fields =
            [
                ("extracted", row.Text("extracted"), verdict.Answer),
                ("correct", row.GetProperty("correct").GetBoolean(), verdict.Correct),
                ("gold_extracted", row.Text("gold_extracted"), verdict.Gold),
                ("gold_norm", row.Text("gold_norm"), Form(verdict.GoldForm)),
                ("pred_norm", row.Text("pred_norm"), Form(verdict.AnswerForm)),
            ];
            wrong.AddRange(fields
                .Where(field => !Equals(field.Item2, field.Item3))
                .Select(field => $"{ScoringRows.Shown(gold)} | {ScoringRows.Shown(output)}: {field.Item1} '{field.Item2}' is '{field.Item3}'"));
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} differences:\n{string.Join('\n', wrong.Take(40))}");
    }
}
