using System.Globalization;
using System.Numerics;

namespace RecursiveMas.Algebra;

/// <summary>An exact fraction in lowest terms; the denominator is positive. Sizes are bounded.</summary>
internal readonly record struct Rational : IComparable<Rational>
{
    private const long MostBits = 1 << 14;

    /// <exception cref="AlgebraException">The denominator is 0, or the numbers are too large.</exception>
    public Rational(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero)
            throw new AlgebraException("a division by zero");
        long bits = Math.Max(numerator.GetBitLength(), denominator.GetBitLength());
        if (bits > MostBits)
            throw new AlgebraException("a number that is too large");
        AlgebraWork.Spend(bits * bits >> 18);
        BigInteger common = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        (Numerator, Denominator) = (numerator / common, denominator / common);
    }

    public static Rational Zero { get; } = new(0, 1);

    public static Rational One { get; } = new(1, 1);

    public BigInteger Numerator { get; }

    public BigInteger Denominator { get; }

    public bool IsZero => Numerator.IsZero;

    public bool IsInteger => Denominator.IsOne;

    public static Rational operator +(Rational left, Rational right) =>
        new(left.Numerator * right.Denominator + right.Numerator * left.Denominator, left.Denominator * right.Denominator);

    public static Rational operator -(Rational value) => new(-value.Numerator, value.Denominator);

    public static Rational operator *(Rational left, Rational right) => new(left.Numerator * right.Numerator, left.Denominator * right.Denominator);

    public static Rational operator /(Rational left, Rational right) => new(left.Numerator * right.Denominator, left.Denominator * right.Numerator);

    public static implicit operator Rational(long value) => new(value, 1);

    /// <summary>The largest integer that is not above the value.</summary>
    public BigInteger Floor()
    {
        var quotient = BigInteger.DivRem(Numerator, Denominator, out BigInteger rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }

    public Rational Power(int exponent)
    {
        if ((Math.Abs((long)exponent) * Math.Max(Numerator.GetBitLength(), Denominator.GetBitLength())) > 2 * MostBits)
            throw new AlgebraException("a number that is too large");
        BigInteger top = BigInteger.Pow(Numerator, Math.Abs(exponent)), bottom = BigInteger.Pow(Denominator, Math.Abs(exponent));
        return exponent < 0 ? new Rational(bottom, top) : new Rational(top, bottom);
    }

    public int CompareTo(Rational other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    public override string ToString() =>
        IsInteger ? Numerator.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");
}
