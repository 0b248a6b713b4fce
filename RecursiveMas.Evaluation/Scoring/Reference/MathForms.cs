using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using RecursiveMas.Shared;

namespace RecursiveMas.Scoring.Reference;

/// <summary>The normal forms of mathematics of the reference implementation; null if a text has none.</summary>
internal static partial class MathForms
{
    // Longer ones are no numbers to Python.
    private const int MostDigits = 4300;

    /// <summary>The first number without what stands behind its point.</summary>
    /// <exception cref="OverflowException">A fraction is too large for a float.</exception>
    public static string? IntegerPart(string text)
    {
        text = Fractions().Replace(Unwrap(TextTrim.Both(text)), Quotient);
        text = text.Replace("\\left", "", StringComparison.Ordinal).Replace("\\right", "", StringComparison.Ordinal)
            .Replace(",", "", StringComparison.Ordinal).Replace("\\circ", "", StringComparison.Ordinal);
        return FirstNumber().Match(text) is { Success: true } number
            ? PythonNumbers.Integer(number.Value.Split('.')[0], MostDigits)?.ToString(CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>Without commands and marks of layout.</summary>
    public static string WithoutLayout(string text)
    {
        text = Unwrap(TextTrim.Both(text)).Replace("\\left", "", StringComparison.Ordinal).Replace("\\right", "", StringComparison.Ordinal);
        foreach (string mark in (string[])["$", "\\,", "\\;", "\\!", "\\:", "{", "}", "\"", "'"])
            text = text.Replace(mark, "", StringComparison.Ordinal);
        return WithoutSpace(text);
    }

    public static string WithoutSpace(string text) => string.Concat(text.Where(letter => !TextTrim.IsSpace(letter)));

    /// <summary>The digits before the first point, without leading zeros.</summary>
    public static string? Digits(string text)
    {
        var digits = new StringBuilder();
        foreach (Rune rune in text.Split('.')[0].EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber)
                digits.Append(rune);
        }

        return digits.Length == 0 ? null : digits.ToString().TrimStart('0') is { Length: > 0 } significant ? significant : "0";
    }

    private static string Unwrap(string text) => TextCommand().Replace(text, "$1");

    private static string Quotient(Match fraction)
    {
        BigInteger? top = PythonNumbers.Integer(fraction.Groups[1].Value, MostDigits), bottom = PythonNumbers.Integer(fraction.Groups[2].Value, MostDigits);
        return top is { } numerator && bottom is { IsZero: false } denominator
            ? PythonNumbers.Float(PythonNumbers.Divide(numerator, denominator))
            : fraction.Value;
    }

    [GeneratedRegex(@"\\text\{([^{}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex TextCommand();

    [GeneratedRegex(@"\\frac\{[\s\x1c-\x1f]*(-?\d+)[\s\x1c-\x1f]*\}\{[\s\x1c-\x1f]*(-?\d+)[\s\x1c-\x1f]*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Fractions();

    [GeneratedRegex(@"-?\d+(?:\.\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex FirstNumber();
}
