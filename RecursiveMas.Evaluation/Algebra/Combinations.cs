using System.Numerics;

namespace RecursiveMas.Algebra;

/// <summary>Factorials and binomial coefficients; of what is no small whole number they are atoms.</summary>
internal static class Combinations
{
    private const int Largest = 200;

    /// <summary>n!, or with a step of 2 the double factorial n!!.</summary>
    public static Quotient Factorial(Quotient value, int step)
    {
        if (Small(value) is not { } number)
            return Quotient.Atom($"({value.Key}){new string('!', step)}");
        BigInteger product = BigInteger.One;
        for (int i = number; i > 1; i -= step)
            product *= i;
        return Quotient.Of(new Rational(product, 1));
    }

    public static Quotient Binomial(Quotient all, Quotient chosen)
    {
        if (Small(all) is not { } n || Small(chosen) is not { } k)
            return Quotient.Atom($"(binom {all.Key},{chosen.Key})");
        BigInteger result = k > n ? BigInteger.Zero : BigInteger.One;
        for (int i = 1; i <= k && !result.IsZero; i++)
            result = result * (n - k + i) / i;
        return Quotient.Of(new Rational(result, 1));
    }

    private static int? Small(Quotient value) =>
        value.Number is { IsInteger: true } number && number.Numerator.Sign >= 0 && number.Numerator <= Largest ? (int)number.Numerator : null;
}
