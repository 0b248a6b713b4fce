using System.Globalization;
using System.Numerics;
using System.Text;

namespace RecursiveMas.Scoring.Reference;

/// <summary>Numbers as Python reads, divides and writes them.</summary>
internal static class PythonNumbers
{
    private const int Precision = 53;
    private const int SmallestExponent = -1074;

    /// <summary>int(text); null if it is none or has more digits than Python reads.</summary>
    /// <param name="text">A minus sign or none, and decimal digits of any script.</param>
    /// <param name="mostDigits">Most digits.</param>
    public static BigInteger? Integer(string text, int mostDigits)
    {
        var digits = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
            digits.Append(rune.Value == '-' ? "-" : Rune.GetNumericValue(rune).ToString(CultureInfo.InvariantCulture));
        if (digits.Length - (digits[0] == '-' ? 1 : 0) > mostDigits)
            return null;
        return BigInteger.TryParse(digits.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger number) ? number : null;
    }

    /// <summary>The float that is nearest to a quotient; of two the even one.</summary>
    /// <exception cref="OverflowException">There is none.</exception>
    public static double Divide(BigInteger numerator, BigInteger denominator)
    {
        bool negative = numerator.Sign * denominator.Sign < 0;
        (numerator, denominator) = (BigInteger.Abs(numerator), BigInteger.Abs(denominator));
        if (numerator.IsZero)
            return 0;
        // The quotient keeps two bits more than a float has.
        long shift = numerator.GetBitLength() - denominator.GetBitLength() - Precision - 2;
        shift = Math.Max(shift, SmallestExponent - 2);
        BigInteger scaled = shift < 0 ? numerator << (int)-shift : numerator, divisor = shift > 0 ? denominator << (int)shift : denominator;
        var quotient = BigInteger.DivRem(scaled, divisor, out BigInteger rest);
        int extra = (int)Math.Max(quotient.GetBitLength() - Precision, SmallestExponent - shift);
        BigInteger kept = quotient >> extra, cut = quotient - (kept << extra), half = BigInteger.One << (extra - 1);
        if (cut > half || (cut == half && (!rest.IsZero || !kept.IsEven)))
            kept++;
        double value = Math.ScaleB((double)kept, (int)Math.Min(shift + extra, 2048));
        if (double.IsInfinity(value))
            throw new OverflowException("The quotient is too large for a float.");
        return negative ? -value : value;
    }

    /// <summary>repr(): the shortest digits that give the same float, with an exponent from 1e16 upwards and below 1e-4.</summary>
    public static string Float(double value)
    {
        string shortest = value.ToString("E16", CultureInfo.InvariantCulture);
        for (int digits = 0; digits < 17; digits++)
        {
            string text = value.ToString("E" + digits, CultureInfo.InvariantCulture);
            if (double.Parse(text, CultureInfo.InvariantCulture) == value)
            {
                shortest = text;
                break;
            }
        }

        if (value != 0 && (Math.Abs(value) >= 1e16 || Math.Abs(value) < 1e-4))
        {
            (string mantissa, int exponent) = Parts(shortest);
            return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        string plain = decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        if (plain.Contains('.', StringComparison.Ordinal))
            plain = plain.TrimEnd('0').TrimEnd('.');
        return plain.Contains('.', StringComparison.Ordinal) ? plain : plain + ".0";
    }

    private static (string Mantissa, int Exponent) Parts(string text)
    {
        int at = text.IndexOf('E', StringComparison.Ordinal);
        return (text[..at], int.Parse(text[(at + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }
}
