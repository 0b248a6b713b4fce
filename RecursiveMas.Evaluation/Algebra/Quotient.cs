namespace RecursiveMas.Algebra;

/// <summary>A quotient of polynomials: the value of an expression.</summary>
internal sealed class Quotient
{
    private const int LargestPower = 24;

    private Quotient(Polynomial top, Polynomial bottom)
    {
        // A single term below is one above.
        if (bottom.IsZero)
            throw new AlgebraException("a division by zero");
        if (bottom.Term is { } term)
        {
            (Monomial inverse, Rational factor) = term.Monomial.Power(-1);
            (top, bottom) = (top * Polynomial.Of(inverse, factor / term.Coefficient), Polynomial.One);
        }

        (Top, Bottom) = (top, bottom);
    }

    public static Quotient Zero { get; } = Of(Rational.Zero);

    public static Quotient One { get; } = Of(Rational.One);

    public Polynomial Top { get; }

    public Polynomial Bottom { get; }

    /// <summary>The number that it is; null if it is none.</summary>
    public Rational? Number => Bottom.Number is not null ? Top.Number : null;

    /// <summary>The same text for values that are written the same way.</summary>
    public string Key => Bottom.Number is not null ? Top.Key : $"({Top.Key})/({Bottom.Key})";

    /// <summary>Its atoms.</summary>
    public IEnumerable<string> Atoms => Top.Terms.Keys.Concat(Bottom.Terms.Keys).SelectMany(monomial => monomial.Powers.Keys).Distinct();

    public static Quotient Of(Rational number) => new(Polynomial.Of(number), Polynomial.One);

    public static Quotient Of(Polynomial polynomial) => new(polynomial, Polynomial.One);

    /// <summary>A variable, a constant, or something that is not looked into.</summary>
    public static Quotient Atom(string name)
    {
        (Monomial monomial, Rational factor) = Monomial.Of([KeyValuePair.Create(name, Rational.One)]);
        return new(Polynomial.Of(monomial, factor), Polynomial.One);
    }

    public static Quotient operator +(Quotient left, Quotient right) => left.Bottom.Number is not null && right.Bottom.Number is not null
        ? new(left.Top + right.Top, Polynomial.One)
        : new(left.Top * right.Bottom + right.Top * left.Bottom, left.Bottom * right.Bottom);

    public static Quotient operator -(Quotient value) => new(-value.Top, value.Bottom);

    public static Quotient operator -(Quotient left, Quotient right) => left + -right;

    public static Quotient operator *(Quotient left, Quotient right) => new(left.Top * right.Top, left.Bottom * right.Bottom);

    public static Quotient operator /(Quotient left, Quotient right) => new(left.Top * right.Bottom, left.Bottom * right.Top);

    /// <summary>Whether both are the same as fractions of polynomials.</summary>
    public static bool AreEqual(Quotient left, Quotient right) => (left.Top * right.Bottom + -(right.Top * left.Bottom)).IsZero;

    /// <summary>This to the power of another.</summary>
    /// <exception cref="AlgebraException">It is too large, or none.</exception>
    public Quotient Power(Quotient exponent)
    {
        if (exponent.Number is not { } number)
            return Atom($"({Key})^({exponent.Key})");
        if (number.IsZero)
            return One;
        if (!number.IsInteger)
            return Radicals.Power(this, number);
        if (Top.Term is { } term && Bottom.Number is not null)
        {
            int power = number.Numerator > -100_000 && number.Numerator < 100_000
                ? (int)number.Numerator
                : throw new AlgebraException("a power that is too large");
            (Monomial monomial, Rational factor) = term.Monomial.Power(power);
            return Of(Polynomial.Of(monomial, factor * term.Coefficient.Power(power)));
        }

        if (System.Numerics.BigInteger.Abs(number.Numerator) > LargestPower)
            throw new AlgebraException("a power that is too large");
        Quotient result = One, factors = number.Numerator.Sign < 0 ? One / this : this;
        for (int i = Math.Abs((int)number.Numerator); i > 0; i--)
            result *= factors;
        return result;
    }
}
