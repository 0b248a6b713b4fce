namespace RecursiveMas.Algebra;

/// <summary>A sum of monomials with rational coefficients, none of which is 0.</summary>
internal sealed class Polynomial
{
    private const int MostTerms = 300;

    private readonly Dictionary<Monomial, Rational> _terms;

    private Polynomial(Dictionary<Monomial, Rational> terms) => _terms = terms;

    public static Polynomial Zero { get; } = new([]);

    public static Polynomial One { get; } = Of(Rational.One);

    public IReadOnlyDictionary<Monomial, Rational> Terms => _terms;

    public bool IsZero => _terms.Count == 0;

    /// <summary>The number that it is; null if it is none.</summary>
    public Rational? Number => IsZero ? Rational.Zero : _terms.Count == 1 && _terms.TryGetValue(Monomial.One, out Rational value) ? value : null;

    /// <summary>Its only term; null if it has more or none.</summary>
    public (Monomial Monomial, Rational Coefficient)? Term => _terms.Count == 1 ? _terms.Select(term => (term.Key, term.Value)).First() : null;

    /// <summary>The same text for equal polynomials.</summary>
    public string Key => IsZero
        ? "0"
        : string.Join('+', _terms.OrderBy(term => term.Key.Key, StringComparer.Ordinal).Select(term => $"{term.Value}*{term.Key.Key}"));

    public static Polynomial Of(Rational number) => Of(Monomial.One, number);

    public static Polynomial Of(Monomial monomial, Rational coefficient) => coefficient.IsZero ? new([]) : new(new() { [monomial] = coefficient });

    public static Polynomial operator +(Polynomial left, Polynomial right)
    {
        AlgebraWork.Spend(left._terms.Count + right._terms.Count);
        var sum = new Dictionary<Monomial, Rational>(left._terms);
        foreach ((Monomial monomial, Rational coefficient) in right._terms)
            Add(sum, monomial, coefficient);
        return new(sum);
    }

    public static Polynomial operator -(Polynomial value) => new(value._terms.ToDictionary(term => term.Key, term => -term.Value));

    public static Polynomial operator *(Polynomial left, Polynomial right)
    {
        AlgebraWork.Spend((long)left._terms.Count * right._terms.Count);
        var product = new Dictionary<Monomial, Rational>();
        foreach ((Monomial monomial, Rational coefficient) in left._terms)
        {
            foreach ((Monomial other, Rational factor) in right._terms)
            {
                (Monomial both, Rational number) = Monomial.Multiply(monomial, other);
                Add(product, both, coefficient * factor * number);
            }
        }

        return new(product);
    }

    private static void Add(Dictionary<Monomial, Rational> sum, Monomial monomial, Rational coefficient)
    {
        Rational total = sum.GetValueOrDefault(monomial, Rational.Zero) + coefficient;
        if (total.IsZero)
            sum.Remove(monomial);
        else
            sum[monomial] = total;
        if (sum.Count > MostTerms)
            throw new AlgebraException("a sum of too many terms");
    }
}
