using System.Globalization;
using System.Numerics;

namespace RecursiveMas.Templates.Values;

/// <summary>Decimal text of floats, rounded from their exact binary value, ties to even.</summary>
internal static class ExactDecimal
{
    /// <summary>The magnitude of a finite number with so many digits after the point; fewer than zero round before it.</summary>
    public static string Fixed(double value, int digits)
    {
        BigInteger scaled = Scale(Math.Abs(value), digits);
        if (digits <= 0)
            return (scaled * BigInteger.Pow(10, -digits)).ToString(CultureInfo.InvariantCulture);
        string text = scaled.ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        return $"{text[..^digits]}.{text[^digits..]}";
    }

    /// <summary>Digits and decimal exponent of the magnitude of a finite number, with so many significant digits.</summary>
    public static (string Digits, int Exponent) Scientific(double value, int significant)
    {
        value = Math.Abs(value);
        if (value == 0)
            return (new string('0', significant), 0);
        int exponent = (int)Math.Floor(Math.Log10(value));
        while (true)
        {
            string digits = Scale(value, significant - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == significant)
                return (digits, exponent);
            exponent += digits.Length > significant ? 1 : -1;
        }
    }

    /// <summary>Python's round(value, digits).</summary>
    public static double Round(double value, int digits)
    {
        if (!double.IsFinite(value) || value == 0 || digits > 323)
            return value;
        if (digits < -309)
            return Math.CopySign(0, value);
        double magnitude = double.Parse(Fixed(value, digits), NumberStyles.Float, CultureInfo.InvariantCulture);
        return Math.CopySign(magnitude, value);
    }

    /// <summary>value x 10^digits to the nearest integer, ties to even.</summary>
    private static BigInteger Scale(double value, int digits)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger numerator = bits & 0xFFFFFFFFFFFFF;
        if (exponent == 0)
            exponent = 1;
        else
            numerator += BigInteger.One << 52;
        exponent -= 1075;
        BigInteger denominator = BigInteger.One;
        if (exponent > 0)
            numerator <<= exponent;
        else
            denominator <<= -exponent;
        if (digits > 0)
            numerator *= BigInteger.Pow(10, digits);
        else
            denominator *= BigInteger.Pow(10, -digits);
        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger rest);
        int half = (rest * 2).CompareTo(denominator);
        return half > 0 || half == 0 && !quotient.IsEven ? quotient + 1 : quotient;
    }
}
