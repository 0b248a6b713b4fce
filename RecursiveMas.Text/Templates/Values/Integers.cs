using System.Globalization;
using System.Numerics;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>Integers of any size: boxed <see cref="long"/> where it fits, <see cref="BigInteger"/> beyond. Booleans count as 0 and 1.</summary>
internal static class Integers
{
    private static readonly object[] Small = [.. Enumerable.Range(-16, 1040).Select(i => (object)(long)i)];

    public static object Box(long value) => value is >= -16 and < 1024 ? Small[value + 16] : value;

    public static object Normalize(BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
            return Box((long)value);
        return value.GetBitLength() > TemplateLimits.IntegerBits
            ? throw TemplateFault.Limit($"an integer has more than {TemplateLimits.IntegerBits} bits.")
            : value;
    }

    public static bool Is(object? value) => value is long or BigInteger or bool;

    /// <summary>The value as 64-bit integer; false for other types and for larger integers.</summary>
    public static bool TryLong(object? value, out long result)
    {
        switch (value)
        {
            case long number:
                result = number;
                return true;
            case bool flag:
                result = flag ? 1 : 0;
                return true;
            default:
                result = 0;
                return false;
        }
    }

    public static bool TryBig(object? value, out BigInteger result)
    {
        if (value is BigInteger big)
        {
            result = big;
            return true;
        }

        bool found = TryLong(value, out long small);
        result = small;
        return found;
    }

    /// <summary>The value as an index or count: larger integers are cut off at the ends of the range of <see cref="long"/>.</summary>
    /// <exception cref="TemplateFault">The value is no integer.</exception>
    public static long Clamp(object? value)
    {
        if (TryLong(value, out long number))
            return number;
        if (value is BigInteger big)
            return big.Sign < 0 ? long.MinValue : long.MaxValue;
        throw TemplateFault.TypeError($"'{TypeNames.Of(value)}' object cannot be interpreted as an integer");
    }

    public static string Print(BigInteger value)
    {
        long bits = value.GetBitLength();
        RenderBudget.Step(bits);
        string text = bits > TemplateLimits.IntegerBits ? "" : value.ToString(CultureInfo.InvariantCulture);
        return text.Length is > 0 and <= TemplateLimits.IntegerDigits || value.Sign < 0 && text.Length == TemplateLimits.IntegerDigits + 1
            ? text
            : throw TemplateFault.ValueError($"Exceeds the limit ({TemplateLimits.IntegerDigits} digits) for integer string conversion");
    }
}
