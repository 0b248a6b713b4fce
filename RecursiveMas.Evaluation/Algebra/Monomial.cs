using System.Globalization;
using System.Numerics;

namespace RecursiveMas.Algebra;

/// <summary>
/// A product of powers of atoms: variables, constants, units, what functions give, and the primes of radicals. The powers of a prime lie from 0 to below 1;
/// i stands at most once.
/// </summary>
internal sealed class Monomial : IEquatable<Monomial>
{
    public const string Imaginary = "i";

    private readonly SortedDictionary<string, Rational> _powers;

    private Monomial(SortedDictionary<string, Rational> powers)
    {
        _powers = powers;
        Key = string.Join('*', powers.Select(power => power.Value == Rational.One ? power.Key : $"{power.Key}^{power.Value}"));
    }

    public static Monomial One { get; } = new([]);

    public string Key { get; }

    public IReadOnlyDictionary<string, Rational> Powers => _powers;

    public static bool IsPrime(string atom) => atom[0] == '#';

    public static string Prime(BigInteger number) => string.Create(CultureInfo.InvariantCulture, $"#{number}");

    /// <summary>The product of powers of atoms, and the number that falls out of it.</summary>
    public static (Monomial Product, Rational Factor) Of(IEnumerable<KeyValuePair<string, Rational>> powers)
    {
        var product = new SortedDictionary<string, Rational>(StringComparer.Ordinal);
        Rational factor = Rational.One;
        foreach ((string atom, Rational power) in powers)
            product[atom] = product.GetValueOrDefault(atom, Rational.Zero) + power;
        foreach ((string atom, Rational power) in product.ToArray())
        {
            Rational left = power;
            if (IsPrime(atom))
            {
                BigInteger whole = power.Floor();
                factor *= new Rational(BigInteger.Parse(atom.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture), 1).Power(Small(whole));
                left = power + new Rational(-whole, 1);
            }
            else if (atom == Imaginary && power.IsInteger)
            {
                int turns = (int)(((power.Numerator % 4) + 4) % 4);
                factor = turns >= 2 ? -factor : factor;
                left = turns % 2;
            }

            if (left.IsZero)
                product.Remove(atom);
            else
                product[atom] = left;
        }

        return (product.Count == 0 ? One : new Monomial(product), factor);
    }

    public static (Monomial Product, Rational Factor) Multiply(Monomial left, Monomial right) =>
        left._powers.Count == 0 ? (right, Rational.One) : right._powers.Count == 0 ? (left, Rational.One) : Of(left._powers.Concat(right._powers));

    public (Monomial Product, Rational Factor) Power(Rational exponent) =>
        Of(_powers.Select(power => KeyValuePair.Create(power.Key, power.Value * exponent)));

    public bool Equals(Monomial? other) => other?.Key == Key;

    public override bool Equals(object? obj) => Equals(obj as Monomial);

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    private static int Small(BigInteger power) => BigInteger.Abs(power) < 10_000 ? (int)power : throw new AlgebraException("a power that is too large");
}
