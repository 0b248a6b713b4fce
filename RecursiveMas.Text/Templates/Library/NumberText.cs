using System.Globalization;
using System.Numerics;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Library;

/// <summary>Numbers read from text, as Python's int() and float() read them.</summary>
internal static class NumberText
{
    private static readonly Dictionary<string, double> Special = new(StringComparer.OrdinalIgnoreCase)
    {
        ["inf"] = double.PositiveInfinity,
        ["infinity"] = double.PositiveInfinity,
        ["nan"] = double.NaN,
    };

    public static bool TryInteger(string text, long numberBase, out BigInteger value)
    {
        value = default;
        if (numberBase != 0 && numberBase is < 2 or > 36)
            throw TemplateFault.ValueError("int() base must be >= 2 and <= 36, or 0");
        text = Digits(StringMethods.Strip(text, null, left: true, right: true));
        bool negative = text.StartsWith('-');
        if (negative || text.StartsWith('+'))
            text = text[1..];
        int prefixBase = text.Length > 1 && text[0] == '0' ? char.ToLowerInvariant(text[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (prefixBase != 0 && (numberBase == 0 || numberBase == prefixBase))
        {
            numberBase = prefixBase;
            text = text[2..];
            if (text.StartsWith('_'))
                text = text[1..];
        }
        else if (numberBase == 0)
        {
            numberBase = 10;
            if (text.StartsWith('0') && text.Any(c => c is not ('0' or '_')))
                return false;
        }

        if (!TryWithoutUnderscores(text, out text) || text.Length > TemplateLimits.IntegerDigits)
            return false;
        RenderBudget.Step(text.Length * 8L);
        if (numberBase == 10 && text.All(char.IsAsciiDigit))
        {
            value = BigInteger.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
            value = negative ? -value : value;
            return true;
        }

        RenderBudget.Text((long)text.Length * text.Length / 4);
        foreach (char c in text)
        {
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : 99;
            if (digit >= numberBase)
                return false;
            value = value * numberBase + digit;
        }

        value = negative ? -value : value;
        return true;
    }

    public static bool TryFloat(string text, out double value)
    {
        value = 0;
        text = Digits(StringMethods.Strip(text, null, left: true, right: true));
        bool negative = text.StartsWith('-');
        string bare = negative || text.StartsWith('+') ? text[1..] : text;
        if (Special.TryGetValue(bare, out value))
        {
            value = negative ? -value : value;
            return true;
        }

        if (bare.Length == 0
            || bare.Length > 100_000
            || bare[0] is '+' or '-'
            || bare.Any(c => !char.IsAsciiDigit(c) && c is not ('.' or 'e' or 'E' or '+' or '-' or '_')))
            return false;
        for (int i = 0; i < bare.Length; i++)
        {
            if (bare[i] == '_' && !(i > 0 && i + 1 < bare.Length && char.IsAsciiDigit(bare[i - 1]) && char.IsAsciiDigit(bare[i + 1])))
                return false;
        }

        RenderBudget.Step(bare.Length);
        return double.TryParse(
            text.Replace("_", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out value);
    }

    private static bool TryWithoutUnderscores(string text, out string digits)
    {
        digits = text.Replace("_", "", StringComparison.Ordinal);
        return digits.Length > 0 && text[0] != '_' && text[^1] != '_' && !text.Contains("__", StringComparison.Ordinal);
    }

    /// <summary>Decimal digits of every script as ASCII.</summary>
    private static string Digits(string text) => System.Text.Ascii.IsValid(text)
        ? text
        : string.Concat(text.Select(c => char.IsDigit(c) ? (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)) : c));
}
