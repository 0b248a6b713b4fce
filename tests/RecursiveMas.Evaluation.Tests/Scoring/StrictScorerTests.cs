using System.Diagnostics;
using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Scoring;

/// <summary>Verdicts of a careful reader.</summary>
public class StrictScorerTests
{
    private static readonly string[] s_math = ["math"];

    [Fact]
    public void Required_verdicts_agree_and_no_verdict_is_generous()
    {
        var wrong = new List<string>();
        var unseen = new List<string>();
        int optional = 0;
        foreach (JsonElement row in ScoringRows.Read("strict.jsonl", row => s_math.Contains(row.Text("kind"))))
        {
            string output = row.Text("output")!, gold = row.Text("gold")!, level = row.Text("level")!;
            bool equivalent = row.GetProperty("equivalent").GetBoolean();
            // A frame counts as a box; the rows are older than that.
            if (output.Contains("\\fbox", StringComparison.Ordinal))
                continue;
            ScoreVerdict verdict = AnswerScorer.ScoreStrictly(output, gold, AnswerComparison.Mathematics);
            Assert.Equal(verdict.Correct, verdict.Agreement == AnswerAgreement.Equal);
            optional += level == "optional" && equivalent ? 1 : 0;
            if (level == "optional" && equivalent && !verdict.Correct)
                unseen.Add($"{ScoringRows.Shown(gold)} | {ScoringRows.Shown(output)}: {verdict.Agreement} by {verdict.Rule}");
            if (level != "unclear" && verdict.Correct != equivalent && (level == "required" || verdict.Correct))
                wrong.Add($"{ScoringRows.Shown(gold)} | {ScoringRows.Shown(output)}: {equivalent} is {verdict.Agreement} by {verdict.Rule}");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} differences:\n{string.Join('\n', wrong)}");
        Assert.True(unseen.Count <= optional / 10, $"{unseen.Count} of {optional} optional equalities are not seen:\n{string.Join('\n', unseen)}");
    }

    [Fact]
    public void Options_beyond_D_count_where_the_question_offers_them()
    {
        EvaluationQuestion question = new(0, "0", "Which?\nA. one\nB. two\nC. three\nD. four\nE. five")
        {
            Kind = TaskKind.Choice,
            Comparison = AnswerComparison.Choice,
            Gold = "E",
        };
        AnswerScore score = AnswerScorer.Score("So \\boxed{E}", question);
        Assert.Equal(("E", true), (score.Strict.Answer, score.Strict.Correct));
        Assert.Equal("A", score.Reference.Answer);
        Assert.Equal(AnswerAgreement.Unparsed, AnswerScorer.Score("So \\boxed{F}", question).Strict.Agreement);
        Assert.Equal(AnswerAgreement.Unparsed, AnswerScorer.Score("So \\boxed{E}", question with { Text = "Which?" }).Strict.Agreement);
        Assert.Throws<InvalidOptionException>(() => AnswerScorer.Score("E", question with { Gold = null }));
    }

    [Fact]
    public void Choices_agree_and_an_unreadable_one_is_never_a_letter()
    {
        foreach (JsonElement row in ScoringRows.Read("strict.jsonl", row => row.Text("kind") == "choice"))
        {
            string output = row.Text("output")!;
            string? letter = row.Text("letter");
            foreach (string gold in (string[])["A", "B", "C", "D"])
            {
                ScoreVerdict verdict = AnswerScorer.ScoreStrictly(output, gold, AnswerComparison.Choice);
                if (row.Text("level") == "required")
                    Assert.Equal((letter == gold, letter), (verdict.Correct, verdict.Answer));
                else
                    Assert.True(verdict.Answer is null || verdict.Answer == letter || row.Text("level") == "unclear", output);
                Assert.Equal(verdict.Answer is null, verdict.Agreement == AnswerAgreement.Unparsed);
            }
        }
    }
}
