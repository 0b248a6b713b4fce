using System.Text.RegularExpressions;
using RecursiveMas.Algebra;
using RecursiveMas.Latex;

namespace RecursiveMas.Scoring.Strict;

/// <summary>Whether two formulas are the same, and the rule that says so. Exact: nothing is rounded, no sign is dropped.</summary>
internal static partial class MathComparer
{
    // What no formula of an answer reaches; reading takes time in proportion to it.
    private const int LongestFormula = 4000;

    public static (AnswerAgreement Agreement, string Rule) Compare(string gold, string answer)
    {
        string expected = MathText.Unwrap(MathText.Clean(gold), out bool goldText), given = MathText.Unwrap(MathText.Clean(answer), out bool answerText);
        if (expected.Length == 0 || given.Length == 0)
            return (AnswerAgreement.Different, "empty");
        if (MathText.Squeeze(expected) == MathText.Squeeze(given))
            return (AnswerAgreement.Equal, "same text");
        if (Letter(expected) is { } wanted && Letter(given) is { } letter && (goldText || answerText || expected[0] == '(' || given[0] == '('))
            return (wanted == letter ? AnswerAgreement.Equal : AnswerAgreement.Different, "letter");
        if ((goldText || answerText) && Words(expected) is { } words)
            return (string.Equals(words, Words(given), StringComparison.OrdinalIgnoreCase) ? AnswerAgreement.Equal : AnswerAgreement.Different, "words");
        if (PlainLetters().IsMatch(expected) && PlainLetters().IsMatch(given))
            return (Sorted(expected) == Sorted(given) ? AnswerAgreement.Undecided : AnswerAgreement.Different, "letters");
        if (expected.Length > LongestFormula || given.Length > LongestFormula)
            return (AnswerAgreement.Undecided, "too long");
        AlgebraWork.Begin();
        try
        {
            MathValue left = MathParser.Parse(expected), right = MathParser.Parse(given);
            return ValueComparer.Compare(left, right);
        }
        catch (AlgebraException reason)
        {
            return (AnswerAgreement.Undecided, $"not understood: {reason.Message}");
        }
    }

    private static char? Letter(string text) => SingleLetter().Match(text) is { Success: true } letter ? letter.Groups[1].Value[0] : null;

    /// <summary>Letters in any order: a product of variables, or another word.</summary>
    private static string Sorted(string text) => string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)).Order());

    private static string? Words(string text) => PlainWords().IsMatch(text) ? Spaces().Replace(text, " ") : null;

    [GeneratedRegex(@"^\(?([A-Z])\)?$", RegexOptions.CultureInvariant)]
    private static partial Regex SingleLetter();

    [GeneratedRegex(@"^\p{L}[\p{L} '.,-]*\p{L}$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainWords();

    [GeneratedRegex(@"^[A-Za-z]{2}[A-Za-z\s]*$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainLetters();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();
}
