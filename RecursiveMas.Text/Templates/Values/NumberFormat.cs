using System.Globalization;
using System.Numerics;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>Numbers in the presentation types that "%" and "{}" formats share.</summary>
internal static class NumberFormat
{
    private const int MaximumPrecision = 4096;

    /// <summary>The magnitude of a float as e, E, f, F, g, G or %.</summary>
    /// <param name="value">Any float; its sign is left out.</param>
    /// <param name="type">Presentation type.</param>
    /// <param name="precision">Digits, 6 if not given.</param>
    /// <param name="alternate">Keeps trailing zeros and the point.</param>
    public static string Float(double value, char type, int? precision, bool alternate)
    {
        bool capital = char.IsAsciiLetterUpper(type);
        if (!double.IsFinite(value))
        {
            string special = double.IsNaN(value) ? "nan" : "inf";
            return (capital ? special.ToUpperInvariant() : special) + (type == '%' ? "%" : "");
        }

        int digits = Checked(precision ?? 6);
        string text = char.ToLowerInvariant(type) switch
        {
            'f' => WithPoint(ExactDecimal.Fixed(value, digits), alternate && digits == 0),
            '%' => ExactDecimal.Fixed(value * 100, digits) + "%",
            'e' => Scientific(value, digits + 1, alternate),
            _ => General(value, Math.Max(digits, 1), alternate),
        };
        return capital ? text.ToUpperInvariant() : text;
    }

    /// <summary>The magnitude of an integer in base 2, 8, 10 or 16.</summary>
    public static string Integer(BigInteger value, int numberBase)
    {
        value = BigInteger.Abs(value);
        if (numberBase == 10)
            return Integers.Print(value);
        RenderBudget.Text((long)value.GetBitLength());
        if (value.IsZero)
            return "0";
        string hex = value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
        if (numberBase == 16)
            return hex;
        string binary = string.Concat(hex.Select(c => Convert.ToString(Convert.ToInt32(c.ToString(), 16), 2).PadLeft(4, '0'))).TrimStart('0');
        if (numberBase == 2)
            return binary;
        binary = binary.PadLeft((binary.Length + 2) / 3 * 3, '0');
        return string.Concat(Enumerable.Range(0, binary.Length / 3).Select(i => (char)('0' + Convert.ToInt32(binary.Substring(3 * i, 3), 2))));
    }

    public static int Checked(long precision)
    {
        if (precision > MaximumPrecision)
            throw TemplateFault.Limit($"a format asks for more than {MaximumPrecision} digits.");
        RenderBudget.Step(64 + 2 * precision);
        return (int)precision;
    }

    private static string WithPoint(string text, bool point) => point ? text + "." : text;

    private static string Scientific(double value, int significant, bool alternate)
    {
        (string digits, int exponent) = ExactDecimal.Scientific(value, significant);
        string fraction = digits.Length > 1 ? "." + digits[1..] : alternate ? "." : "";
        return $"{digits[0]}{fraction}{Exponent(exponent)}";
    }

    private static string Exponent(int exponent) =>
        $"e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";

    private static string General(double value, int significant, bool alternate)
    {
        (string digits, int exponent) = ExactDecimal.Scientific(value, significant);
        if (!alternate)
            digits = digits.TrimEnd('0') is { Length: > 0 } kept ? kept : "0";
        if (exponent < -4 || exponent >= significant)
            return $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : alternate ? "." : "")}{Exponent(exponent)}";
        if (exponent < 0)
            return $"0.{new string('0', -exponent - 1)}{digits}";
        if (digits.Length <= exponent + 1)
            return digits.PadRight(exponent + 1, '0') + (alternate ? "." : "");
        return $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }
}
