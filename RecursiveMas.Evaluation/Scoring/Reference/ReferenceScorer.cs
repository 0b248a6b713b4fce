namespace RecursiveMas.Scoring.Reference;

/// <summary>
/// The comparison of the reference implementation, its faults included: values cut at the decimal point, digits without signs, A for what cannot be read.
/// </summary>
internal static class ReferenceScorer
{
    private const string Default = "A";

    private static readonly (string Name, Func<string, string?> Form)[] s_mathematics =
    [
        ("intpart", MathForms.IntegerPart), ("latex_text", MathForms.WithoutLayout), ("nospace", MathForms.WithoutSpace), ("digits", MathForms.Digits),
    ];

    private static readonly (string Name, Func<string, string?> Form)[] s_text =
    [
        ("date", DateForm.Of), ("em", TextForms.Words), ("lower", TextForms.Lower),
    ];

    public static ScoreVerdict Score(string output, string gold, AnswerComparison comparison)
    {
        if (comparison == AnswerComparison.Choice)
            return Choice(output, gold);
        ExtractedAnswer? answer = AnswerExtractor.Extract(output, TaskKind.Math, AnswerExtraction.Reference);
        string expected = GoldAnswer.Of(gold, comparison);
        return Compare(answer, expected, comparison == AnswerComparison.Mathematics ? s_mathematics : s_text);
    }

    private static ScoreVerdict Choice(string output, string gold)
    {
        ExtractedAnswer? answer = AnswerExtractor.Extract(output, TaskKind.Choice, AnswerExtraction.Reference);
        string expected = AnswerExtractor.Extract(gold, TaskKind.Choice, AnswerExtraction.Reference)?.Value ?? Default, letter = answer?.Value ?? Default;
        bool correct = letter == expected;
        return new ScoreVerdict
        {
            Correct = correct,
            Agreement = correct ? AnswerAgreement.Equal : AnswerAgreement.Different,
            Answer = letter,
            Source = answer?.Source,
            Gold = expected,
            Rule = "choice",
            GoldForm = PythonCase.Lower(expected),
            AnswerForm = PythonCase.Lower(letter),
        };
    }

    /// <summary>The first strategy under which both are equal decides; if none does, the first that applies to both is shown.</summary>
    private static ScoreVerdict Compare(ExtractedAnswer? answer, string gold, (string Name, Func<string, string?> Form)[] strategies)
    {
        (string Name, string Gold, string Answer) shown = ("", "", "");
        bool correct = false;
        try
        {
            foreach ((string name, Func<string, string?> form) in strategies)
            {
                if (answer is null || form(gold) is not { Length: > 0 } expected || form(answer.Value) is not { Length: > 0 } given)
                    continue;
                correct = expected == given;
                if (correct || shown.Name.Length == 0)
                    shown = (name, expected, given);
                if (correct)
                    break;
            }
        }
        catch (OverflowException)
        {
            // Here the reference ends with an error.
            (shown, correct) = (("", "", ""), false);
        }

        return new ScoreVerdict
        {
            Correct = correct,
            Agreement = correct ? AnswerAgreement.Equal : answer is null ? AnswerAgreement.Unparsed : AnswerAgreement.Different,
            Answer = answer?.Value,
            Source = answer?.Source,
            Gold = gold,
            Rule = shown.Name,
            GoldForm = shown.Gold,
            AnswerForm = shown.Answer,
        };
    }
}
