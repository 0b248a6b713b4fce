using System.Globalization;
using System.Numerics;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>Python's arithmetic on booleans, integers and floats.</summary>
internal static class Numbers
{
    public static bool Is(object? value) => value is long or double or bool or BigInteger;

    public static double ToDouble(object value) => value switch
    {
        double number => number,
        long number => number,
        bool flag => flag ? 1 : 0,
        BigInteger big => FromBig(big),
        _ => throw TemplateFault.TypeError($"must be real number, not {TypeNames.Of(value)}"),
    };

    /// <summary>Order of two numbers, exact across types; null if one is NaN.</summary>
    public static int? Compare(object left, object right)
    {
        if (left is not double && right is not double)
        {
            return Integers.TryLong(left, out long a) && Integers.TryLong(right, out long b)
                ? a.CompareTo(b)
                : Big(left).CompareTo(Big(right));
        }

        if (left is double x && right is double y)
            return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
        return left is double number ? CompareToInteger(number, Big(right)) : -CompareToInteger((double)right, Big(left));
    }

    public static object Add(object left, object right)
    {
        if (left is double || right is double)
            return ToDouble(left) + ToDouble(right);
        if (Integers.TryLong(left, out long a) && Integers.TryLong(right, out long b))
        {
            long sum = unchecked(a + b);
            if (((a ^ sum) & (b ^ sum)) >= 0)
                return Integers.Box(sum);
        }

        return Integers.Normalize(Big(left) + Big(right));
    }

    public static object Subtract(object left, object right)
    {
        if (left is double || right is double)
            return ToDouble(left) - ToDouble(right);
        if (Integers.TryLong(left, out long a) && Integers.TryLong(right, out long b))
        {
            long difference = unchecked(a - b);
            if (((a ^ b) & (a ^ difference)) >= 0)
                return Integers.Box(difference);
        }

        return Integers.Normalize(Big(left) - Big(right));
    }

    public static object Multiply(object left, object right)
    {
        if (left is double || right is double)
            return ToDouble(left) * ToDouble(right);
        if (Integers.TryLong(left, out long a) && Integers.TryLong(right, out long b) && Math.BigMul(a, b, out long low) == low >> 63)
            return Integers.Box(low);
        return Integers.Normalize(Big(left) * Big(right));
    }

    public static object Divide(object left, object right)
    {
        if (left is double || right is double)
        {
            double divisor = ToDouble(right);
            return divisor == 0 ? throw ZeroDivision("float division by zero") : ToDouble(left) / divisor;
        }

        BigInteger a = Big(left);
        BigInteger b = Big(right);
        if (b.IsZero)
            throw ZeroDivision("division by zero");
        const long exact = 1L << 53;
        return BigInteger.Abs(a) <= exact && BigInteger.Abs(b) <= exact ? (double)a / (double)b : QuotientToDouble(a, b);
    }

    public static object FloorDivide(object left, object right)
    {
        if (left is double || right is double)
            return FloatDivMod(ToDouble(left), ToDouble(right), "float floor division by zero").Quotient;
        if (Integers.TryLong(left, out long a) && Integers.TryLong(right, out long b) && b != 0 && !(a == long.MinValue && b == -1))
        {
            long quotient = a / b;
            return Integers.Box(a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient);
        }

        return Integers.Normalize(IntegerDivMod(Big(left), Big(right), "integer division or modulo by zero").Quotient);
    }

    public static object Modulo(object left, object right)
    {
        if (left is double || right is double)
            return FloatDivMod(ToDouble(left), ToDouble(right), "float modulo").Remainder;
        if (Integers.TryLong(left, out long a) && Integers.TryLong(right, out long b) && b is not (0 or -1))
        {
            long remainder = a % b;
            return Integers.Box(remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder);
        }

        return Integers.Normalize(IntegerDivMod(Big(left), Big(right), "integer modulo by zero").Remainder);
    }

    public static object Power(object left, object right)
    {
        if (left is double || right is double || Big(right).Sign < 0)
            return FloatPower(ToDouble(left), ToDouble(right));
        BigInteger value = Big(left);
        BigInteger exponent = Big(right);
        if (value.IsZero || value.IsOne)
            return exponent.IsZero ? Integers.Box(1) : Integers.Normalize(value);
        if (value == BigInteger.MinusOne)
            return Integers.Box(exponent.IsEven ? 1 : -1);
        if (exponent * (value.GetBitLength() - 1) > TemplateLimits.IntegerBits)
            throw TemplateFault.Limit($"an integer has more than {TemplateLimits.IntegerBits} bits.");
        return Integers.Normalize(BigInteger.Pow(value, (int)exponent));
    }

    public static object Negate(object value) => value is double number ? -number : Integers.Normalize(-Big(value));

    public static object Absolute(object value) => value is double number ? Math.Abs(number) : Integers.Normalize(BigInteger.Abs(Big(value)));

    /// <summary>The shortest text that reads back as the same number, in Python's form.</summary>
    public static string Print(double value)
    {
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        (string digits, int exponent) = Digits(shortest);
        string sign = double.IsNegative(value) ? "-" : "";
        if (digits == "0")
            return sign + "0.0";
        if (exponent is < -4 or >= 16)
        {
            string tail = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
            string fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{tail}";
        }

        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        if (exponent + 1 >= digits.Length)
            return $"{sign}{digits}{new string('0', exponent + 1 - digits.Length)}.0";
        return $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    public static TemplateFault ZeroDivision(string message) => new("ZeroDivisionError", message);

    private static BigInteger Big(object value) => Integers.TryBig(value, out BigInteger big) ? big : throw new InvalidOperationException();

    private static double FromBig(BigInteger value)
    {
        double number = QuotientToDouble(value, BigInteger.One);
        return double.IsInfinity(number) ? throw new TemplateFault("OverflowError", "int too large to convert to float") : number;
    }

    private static int CompareToInteger(double number, BigInteger integer)
    {
        if (double.IsInfinity(number) || double.IsNaN(number))
            return number > 0 ? 1 : -1;
        double whole = Math.Floor(number);
        int order = new BigInteger(whole).CompareTo(integer);
        return order != 0 ? order : number > whole ? 1 : 0;
    }

    /// <summary>a / b rounded once, half to even.</summary>
    private static double QuotientToDouble(BigInteger a, BigInteger b)
    {
        if (a.IsZero)
            return 0;
        bool negative = a.Sign < 0 != b.Sign < 0;
        a = BigInteger.Abs(a);
        b = BigInteger.Abs(b);
        // 55 or 56 bits of quotient and a sticky bit leave the rounding to the conversion.
        long shift = 55 - ((long)a.GetBitLength() - (long)b.GetBitLength());
        shift = Math.Min(shift, 1074 + 3);
        BigInteger scaled = shift >= 0 ? a << (int)shift : a;
        BigInteger divisor = shift >= 0 ? b : b << (int)-shift;
        BigInteger quotient = BigInteger.DivRem(scaled, divisor, out BigInteger rest);
        if (!rest.IsZero)
            quotient |= BigInteger.One;
        if (shift < -1024)
            return Overflow();
        double result = Math.ScaleB((double)(ulong)quotient, (int)-shift);
        return double.IsInfinity(result) ? Overflow() : negative ? -result : result;

        static double Overflow() => throw new TemplateFault("OverflowError", "integer division result too large for a float");
    }

    private static (double Quotient, double Remainder) FloatDivMod(double a, double b, string zeroMessage)
    {
        if (b == 0)
            throw ZeroDivision(zeroMessage);
        double remainder = a % b;
        double quotient = (a - remainder) / b;
        if (remainder != 0)
        {
            if (b < 0 != remainder < 0)
            {
                remainder += b;
                quotient -= 1;
            }
        }
        else
        {
            remainder = Math.CopySign(0, b);
        }

        if (quotient == 0)
            return (Math.CopySign(0, a / b), remainder);
        double floor = Math.Floor(quotient);
        return (quotient - floor > 0.5 ? floor + 1 : floor, remainder);
    }

    private static (BigInteger Quotient, BigInteger Remainder) IntegerDivMod(BigInteger a, BigInteger b, string zeroMessage)
    {
        if (b.IsZero)
            throw ZeroDivision(zeroMessage);
        BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger remainder);
        return remainder.Sign != 0 && remainder.Sign < 0 != b.Sign < 0 ? (quotient - 1, remainder + b) : (quotient, remainder);
    }

    private static double FloatPower(double value, double exponent)
    {
        if (value == 0 && exponent < 0)
            throw ZeroDivision("0.0 cannot be raised to a negative power");
        if (value < 0 && double.IsFinite(value) && double.IsFinite(exponent) && Math.Floor(exponent) != exponent)
            throw TemplateFault.Runtime("a negative number to a fractional power is a complex number, which templates cannot use");
        double result = Math.Pow(value, exponent);
        return double.IsInfinity(result) && double.IsFinite(value) && double.IsFinite(exponent)
            ? throw new TemplateFault("OverflowError", "(34, 'Numerical result out of range')")
            : result;
    }

    /// <summary>Significant digits and decimal exponent of an invariant number text.</summary>
    private static (string Digits, int Exponent) Digits(string text)
    {
        int exponentAt = text.IndexOf('E', StringComparison.Ordinal);
        int exponent = exponentAt < 0 ? 0 : int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string mantissa = (exponentAt < 0 ? text : text[..exponentAt]).TrimStart('-');
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? mantissa : mantissa[..point];
        string all = whole + (point < 0 ? "" : mantissa[(point + 1)..]);
        int leading = all.Length - all.TrimStart('0').Length;
        string digits = all[leading..].TrimEnd('0');
        return digits.Length == 0 ? ("0", 0) : (digits, exponent + whole.Length - 1 - leading);
    }
}
