using System.Numerics;

namespace RecursiveMas.Algebra;

/// <summary>Powers with fractional exponents. Roots of positive numbers are taken apart into primes, so that equal ones are written the same way.</summary>
internal static class Radicals
{
    private const int LargestDivisor = 2000;

    private static readonly Quotient s_imaginary = Quotient.Atom(Monomial.Imaginary);

    /// <exception cref="AlgebraException">There is no such power.</exception>
    public static Quotient Power(Quotient value, Rational exponent)
    {
        if (value.Top.IsZero)
            return exponent.Numerator.Sign > 0 ? Quotient.Zero : throw new AlgebraException("a division by zero");
        if (value.Bottom.Number is null || value.Top.Term is not { } term)
            return OfAtom($"({value.Key})", exponent);

        Rational coefficient = term.Coefficient;
        Quotient sign = Quotient.One;
        if (coefficient.Numerator.Sign < 0)
        {
            if (exponent.Denominator.IsEven && exponent.Denominator != 2)
                return OfAtom($"({value.Key})", exponent);
            // The square root of -1 is i, and an odd root of -1 is -1.
            sign = exponent.Denominator.IsEven
                ? s_imaginary.Power(Quotient.Of(new Rational(exponent.Numerator, 1)))
                : Quotient.Of(exponent.Numerator.IsEven ? Rational.One : -Rational.One);
            coefficient = -coefficient;
        }

        var powers = new List<KeyValuePair<string, Rational>>();
        AddPrimes(powers, coefficient.Numerator, exponent);
        AddPrimes(powers, coefficient.Denominator, -exponent);
        (Monomial numbers, Rational factor) = Monomial.Of(powers);
        return sign * Quotient.Of(Polynomial.Of(numbers, factor)) * OfMonomial(term.Monomial, exponent);
    }

    /// <summary>The root of a square of a variable is not the variable, so that only positive constants are taken apart.</summary>
    private static Quotient OfMonomial(Monomial monomial, Rational exponent)
    {
        if (monomial.Powers.Count == 0)
            return Quotient.One;
        bool positive = monomial.Powers.All(power => Monomial.IsPrime(power.Key) || power.Key is "\\pi" or "e");
        if (!positive && !(monomial.Powers.Count == 1 && monomial.Powers.First().Value == Rational.One && monomial.Key != Monomial.Imaginary))
            return OfAtom($"({monomial.Key})", exponent);
        (Monomial root, Rational factor) = monomial.Power(exponent);
        return Quotient.Of(Polynomial.Of(root, factor));
    }

    private static Quotient OfAtom(string atom, Rational exponent)
    {
        (Monomial root, Rational factor) = Monomial.Of([KeyValuePair.Create(atom, exponent)]);
        return Quotient.Of(Polynomial.Of(root, factor));
    }

    private static void AddPrimes(List<KeyValuePair<string, Rational>> powers, BigInteger number, Rational exponent)
    {
        for (int divisor = 2; divisor <= LargestDivisor && number >= (BigInteger)divisor * divisor; divisor++)
        {
            int count = 0;
            for (; (number % divisor).IsZero; count++)
                number /= divisor;
            if (count > 0)
                powers.Add(KeyValuePair.Create(Monomial.Prime(divisor), exponent * count));
        }

        if (!number.IsOne)
            powers.Add(KeyValuePair.Create(Monomial.Prime(number), exponent));
    }
}
