using RecursiveMas.Scoring.Reference;

namespace RecursiveMas.Scoring.Strict;

/// <summary>Scores what an agent has committed to: exact values, nothing cut off, nothing guessed.</summary>
internal static class StrictScorer
{
    /// <param name="output">What was written.</param>
    /// <param name="gold">The gold answer.</param>
    /// <param name="comparison">How they are compared.</param>
    /// <param name="question">The question, whose options count. Default: none, which offers A to D.</param>
    public static ScoreVerdict Score(string output, string gold, AnswerComparison comparison, string question = "")
    {
        bool isChoice = comparison == AnswerComparison.Choice;
        MasQuestion asked = new(isChoice ? question : "") { Kind = isChoice ? TaskKind.Choice : TaskKind.Math };
        ExtractedAnswer? answer = AnswerExtractor.Extract(output, asked);
        string expected = GoldAnswer.Of(gold, comparison);
        (AnswerAgreement agreement, string rule) = Compare(answer?.Value, expected, comparison);
        return new ScoreVerdict
        {
            Correct = agreement == AnswerAgreement.Equal,
            Agreement = agreement,
            Answer = answer?.Value,
            Source = answer?.Source,
            Gold = expected,
            Rule = rule,
            GoldForm = Form(expected, comparison),
            AnswerForm = answer is null ? "" : Form(answer.Value, comparison),
        };
    }

    private static (AnswerAgreement Agreement, string Rule) Compare(string? answer, string gold, AnswerComparison comparison)
    {
        if (gold.Length == 0 || (comparison == AnswerComparison.Choice && gold is not [>= 'A' and <= 'Z']))
            return (AnswerAgreement.NoGold, "gold answer");
        if (answer is null)
            return (AnswerAgreement.Unparsed, "no answer");
        return comparison switch
        {
            AnswerComparison.Choice => (Same(answer, gold), "letter"),
            AnswerComparison.Text => Texts(answer, gold),
            _ => MathComparer.Compare(gold, answer),
        };
    }

    private static (AnswerAgreement Agreement, string Rule) Texts(string answer, string gold)
    {
        if (DateForm.Of(gold) is { } date)
            return (Same(DateForm.Of(answer) ?? TextForms.Words(answer), date), "date");
        return TextForms.Words(gold) is { Length: > 0 } words
            ? (Same(TextForms.Words(answer), words), "words")
            : (Same(TextForms.Lower(answer), TextForms.Lower(gold)), "text");
    }

    private static string Form(string text, AnswerComparison comparison) => comparison switch
    {
        AnswerComparison.Choice => text,
        AnswerComparison.Text => DateForm.Of(text) ?? TextForms.Words(text),
        _ => Latex.MathText.Squeeze(Latex.MathText.Clean(text)),
    };

    private static AnswerAgreement Same(string left, string right) => left == right ? AnswerAgreement.Equal : AnswerAgreement.Different;
}
