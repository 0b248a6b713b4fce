using System.Text.Json.Nodes;
using RecursiveMas.Shared;

namespace RecursiveMas.Runs;

/// <summary>Judges answers by both sets of rules, as fields of a result.</summary>
/// <param name="codeJudge">Tries programs; null if no question asks for one.</param>
/// <param name="textJudge">A second opinion on texts; null for none.</param>
internal sealed class AnswerJudge(ICodeJudge? codeJudge, IAnswerJudge? textJudge = null)
{
    // Where no answer can be read, the judge sees the end of the text.
    private const int LongestText = 4000;

    /// <summary>Fields of what was read from an answer and what it is worth: first those that the reference writes, then both verdicts.</summary>
    public async Task<JsonObject> JudgeAsync(EvaluationQuestion question, string output, CancellationToken cancellationToken)
    {
        if (question.Kind == TaskKind.Code && question.Tests is not null)
            return Fields(await codeJudge!.JudgeAsync(output, question, cancellationToken).ConfigureAwait(false));
        if (question is not { Comparison: { } comparison, Gold: { } gold })
            return Unscored();
        AnswerScore score = AnswerScorer.Score(output, question);
        JsonObject fields = Fields(score);
        if (comparison == AnswerComparison.Text && gold.Length > 0 && textJudge is not null)
            fields["judge"] = Fields(await OpinionAsync(question, score.Strict.Answer ?? Said(output), cancellationToken).ConfigureAwait(false));
        return fields;
    }

    private async Task<JudgeVerdict> OpinionAsync(EvaluationQuestion question, string answer, CancellationToken cancellationToken) =>
        answer.Length == 0
            ? new JudgeVerdict(JudgedAnswer.Undecided)
            : await textJudge!.JudgeAsync(question, answer, cancellationToken).ConfigureAwait(false);

    /// <summary>The end of a text, without what was thought aloud.</summary>
    private static string Said(string output)
    {
        const string ThoughtEnd = "</think>";
        int thought = output.LastIndexOf(ThoughtEnd, StringComparison.Ordinal);
        string said = TextTrim.Both(thought < 0 ? output : output[(thought + ThoughtEnd.Length)..]);
        return said.Length <= LongestText ? said : said[^LongestText..];
    }

    private static JsonObject Fields(AnswerScore score) => new()
    {
        ["gold_answer_parsed"] = score.Reference.Gold,
        ["pred_answer_parsed"] = score.Reference.Answer,
        ["correct"] = score.Reference.Correct,
        ["gold_norm"] = Form(score.Reference, score.Reference.GoldForm),
        ["pred_norm"] = Form(score.Reference, score.Reference.AnswerForm),
        ["reference"] = Verdict(score.Reference),
        ["strict"] = Verdict(score.Strict),
    };

    private static JsonObject Fields(CodeScore score) => new()
    {
        ["pred_code_parsed"] = score.Reference.Code,
        ["parse_ok"] = score.Reference.Code is not null,
        ["correct"] = score.Reference.AllPassed,
        ["eval"] = Trial(score.Reference),
        ["reference"] = Verdict(score.Reference),
        ["strict"] = Verdict(score.Strict),
        ["strict_eval"] = Trial(score.Strict),
    };

    private static JsonObject Fields(JudgeVerdict verdict) => new() { ["answer"] = $"{verdict.Answer}", ["reply"] = verdict.Reply };

    private static JsonObject Unscored() => new()
    {
        ["gold_answer_parsed"] = null,
        ["pred_answer_parsed"] = null,
        ["correct"] = false,
        ["gold_norm"] = "",
        ["pred_norm"] = "",
        ["reference"] = new JsonObject { ["correct"] = false, ["parsed"] = false, ["agreement"] = $"{AnswerAgreement.NoGold}" },
        ["strict"] = new JsonObject { ["correct"] = false, ["parsed"] = false, ["agreement"] = $"{AnswerAgreement.NoGold}" },
    };

    private static string Form(ScoreVerdict verdict, string form) => form.Length == 0 ? form : $"{verdict.Rule}:{form}";

    private static JsonObject Verdict(ScoreVerdict verdict) => new()
    {
        ["correct"] = verdict.Correct,
        ["parsed"] = verdict.Agreement != AnswerAgreement.Unparsed,
        ["agreement"] = $"{verdict.Agreement}",
        ["answer"] = verdict.Answer,
        ["extractor"] = verdict.Source?.ToString(),
        ["rule"] = verdict.Rule,
    };

    private static JsonObject Verdict(CodeVerdict verdict) => new()
    {
        ["correct"] = verdict.AllPassed,
        ["parsed"] = verdict.Outcome != CodeOutcome.NoCode,
        ["outcome"] = $"{verdict.Outcome}",
    };

    private static JsonObject Trial(CodeVerdict verdict) => new()
    {
        ["all_passed"] = verdict.AllPassed,
        ["passed_tests"] = verdict.PassedTests,
        ["total_tests"] = verdict.TotalTests,
        ["failed_test_index"] = verdict.FailedTestIndex,
        ["error_type"] = verdict.ErrorType,
        ["detail"] = verdict.Detail,
    };
}
