using System.Numerics;
using RecursiveMas.Algebra;

namespace RecursiveMas.Latex;

/// <summary>Reads formulas as they are written in LaTeX, or plainly.</summary>
internal sealed class MathParser
{
    public const string Infinity = "\\infty";

    private const int MostNesting = 80;

    private static readonly HashSet<string> s_relations = ["=", "<", ">", "\\le", "\\ge", "\\ne", "\\in", "\\approx", "\\equiv", "\\subset", "\\subseteq"];

    private static readonly HashSet<string> s_functions =
    [
        "\\sin", "\\cos", "\\tan", "\\cot", "\\sec", "\\csc", "\\arcsin", "\\arccos", "\\arctan", "\\sinh", "\\cosh", "\\tanh", "\\ln", "\\log", "\\lg",
        "\\exp", "\\gcd", "\\lcm",
        "\\min", "\\max", "\\det", "\\deg", "\\dim", "\\arg",
    ];

    private static readonly HashSet<string> s_inverse = ["\\sin", "\\cos", "\\tan"];

    private static readonly HashSet<string> s_matrices = ["pmatrix", "bmatrix", "matrix", "Bmatrix", "vmatrix"];

    private readonly List<MathToken> _tokens;
    private int _at;
    private int _nesting;
    private bool _insideBars;

    private MathParser(List<MathToken> tokens) => _tokens = tokens;

    private MathToken Now => _at < _tokens.Count ? _tokens[_at] : default;

    /// <exception cref="AlgebraException">The formula is not understood.</exception>
    public static MathValue Parse(string text)
    {
        var parser = new MathParser(MathTokenizer.Read(text));
        IReadOnlyList<MathValue> items = parser.Items();
        if (parser.Now.Kind != TokenKind.End)
            throw new AlgebraException($"'{parser.Now.Text}' in this place");
        return items.Count == 1 ? items[0] : new ListValue(items);
    }

    private List<MathValue> Items()
    {
        List<MathValue> items = [Relation()];
        while (Take(",") || Take(";"))
        {
            // "2, 5, and 7"
            while (Take(","))
            {
            }

            items.Add(Relation());
        }

        return items;
    }

    private MathValue Relation()
    {
        List<MathValue> sides = [Union()];
        List<string> signs = [];
        while (Now.Kind is TokenKind.Symbol or TokenKind.Command && s_relations.Contains(Now.Text))
        {
            signs.Add(Now.Text);
            _at++;
            sides.Add(Union());
        }

        return signs.Count == 0 ? sides[0] : new RelationValue(sides, signs);
    }

    private MathValue Union()
    {
        List<MathValue> items = [Ratio()];
        while (Take("\\cup"))
            items.Add(Ratio());
        return items.Count == 1 ? items[0] : new UnionValue(items);
    }

    private MathValue Ratio()
    {
        List<MathValue> parts = [Sum()];
        while (Take(":"))
            parts.Add(Sum());
        return parts.Count == 1 ? parts[0] : new RatioValue(parts);
    }

    private MathValue Sum()
    {
        MathValue first = Product();
        while (Now.Is("+") || Now.Is("-") || Now.Is("\\pm") || Now.Is("\\mp"))
        {
            string sign = Now.Text;
            _at++;
            Quotient left = Finite(first), right = Finite(Product());
            first = new ScalarValue(sign switch
            {
                "+" => left + right,
                "-" => left - right,
                "\\pm" => left + Quotient.Atom("\\pm") * right,
                _ => left - Quotient.Atom("\\pm") * right,
            });
        }

        return first;
    }

    private MathValue Product()
    {
        if (Take("+"))
            return Product();
        if (Take("-"))
            return new ScalarValue(-Scalar(Product()));
        if (Take("\\pm"))
            return new ScalarValue(Quotient.Atom("\\pm") * Scalar(Product()));
        MathValue first = Power();
        while (true)
        {
            if (Take("\\cdot"))
                first = new ScalarValue(Finite(first) * Finite(Signed()));
            else if (Take("/"))
                first = new ScalarValue(Finite(first) / Finite(Signed()));
            else if (StartsFactor())
                first = new ScalarValue(Finite(first) * Finite(Power()));
            else
                return first;
        }
    }

    private MathValue Signed() => Take("-") ? new ScalarValue(-Scalar(Signed())) : Power();

    /// <summary>Whether a factor begins here without a sign of multiplication. Two numbers side by side are none.</summary>
    private bool StartsFactor() => Now.Kind switch
    {
        TokenKind.Letter or TokenKind.Unit => true,
        TokenKind.Command => !s_relations.Contains(Now.Text)
            && Now.Text is not ("\\cup" or "\\cap" or "\\pm" or "\\mp")
            && !Now.Text.StartsWith("\\end", StringComparison.Ordinal),
        TokenKind.Symbol => Now.Text is "(" or "[" or "{" or "\\{" or "$" || (Now.Text == "|" && !_insideBars),
        _ => false,
    };

    private MathValue Power()
    {
        if (_nesting++ > MostNesting)
            throw new AlgebraException("a formula that is nested too deeply");
        MathValue value = Postfix();
        while (Take("^"))
        {
            if (IsDegree())
                value = new ScalarValue(Scalar(value) * Quotient.Atom(UnitWords.Degree));
            else
                value = new ScalarValue(Scalar(value).Power(Exponent()));
            value = Marks(value);
        }

        _nesting--;
        return value;
    }

    private bool IsDegree()
    {
        if (Take("\\circ"))
            return true;
        if (!Now.Is("{") || _at + 2 >= _tokens.Count || !_tokens[_at + 1].Is("\\circ") || !_tokens[_at + 2].Is("}"))
            return false;
        _at += 3;
        return true;
    }

    private Quotient Exponent()
    {
        if (Take("-"))
            return -Exponent();
        if (Take("+"))
            return Exponent();
        return Scalar(Postfix());
    }

    private MathValue Postfix() => Marks(Primary());

    private MathValue Marks(MathValue value)
    {
        while (true)
        {
            if (Take("!"))
                value = new ScalarValue(Combinations.Factorial(Scalar(value), step: Take("!") ? 2 : 1));
            else if (Take("%"))
                value = new ScalarValue(Scalar(value) * Quotient.Atom(UnitWords.Percent));
            else
                return value;
        }
    }

    private MathValue Primary()
    {
        MathToken token = Now;
        _at++;
        switch (token.Kind)
        {
            case TokenKind.Number:
                return Number(token);
            case TokenKind.Letter:
                return new ScalarValue(Quotient.Atom(token.Text + Subscript()));
            case TokenKind.Unit:
                return new ScalarValue(Quotient.Atom(UnitWords.Atom(token.Text)));
            case TokenKind.Command:
                return Command(token.Text);
            case TokenKind.Symbol:
                return token.Text switch
                {
                    "(" or "[" => Bracket(token.Text),
                    "{" => Group(),
                    "\\{" => Set(),
                    "|" => Bars(),
                    "$" => new ScalarValue(Quotient.Atom(UnitWords.Dollar) * (Now.Kind == TokenKind.Number ? Scalar(Primary()) : Quotient.One)),
                    _ => throw new AlgebraException($"'{token.Text}' in this place"),
                };
            default:
                throw new AlgebraException("an end in this place");
        }
    }

    private MathValue Number(MathToken token)
    {
        if (Now.Is("_"))
        {
            string subscript = Subscript()[1..];
            return new BasedValue(token.Text.TrimStart('0'), subscript);
        }

        // 2\frac{1}{2} is a mixed number, 2\frac{3}{2} a product.
        if (Now.Is("\\frac") && token.Value.IsInteger && token.Text.All(char.IsAsciiDigit))
        {
            _at++;
            MathValue fraction = Fraction();
            bool mixed = ((ScalarValue)fraction).Value.Number is { IsInteger: false } part && part.Numerator.Sign > 0 && part.CompareTo(Rational.One) < 0;
            Quotient whole = Quotient.Of(token.Value);
            return new ScalarValue(mixed ? whole + Scalar(fraction) : whole * Scalar(fraction));
        }

        return new ScalarValue(Quotient.Of(token.Value));
    }

    private string Subscript()
    {
        if (!Take("_"))
            return "";
        int start = _at;
        if (!Take("{"))
        {
            _at++;
        }
        else
        {
            for (int depth = 1; depth > 0; _at++)
                depth += Now.Is("{") ? 1 : Now.Is("}") ? -1 : Now.Kind == TokenKind.End ? throw new AlgebraException("a brace that stays open") : 0;
        }

        if (_at > _tokens.Count)
            throw new AlgebraException("a subscript that is missing");
        return "_" + string.Concat(_tokens.Skip(start).Take(_at - start).Select(token => token.Text)).Trim('{', '}');
    }

    private MathValue Command(string name)
    {
        if (name.StartsWith("\\begin{", StringComparison.Ordinal))
            return Matrix(name[7..^1]);
        switch (name)
        {
            case "\\frac":
                return Fraction();
            case "\\sqrt":
                return Root();
            case "\\binom":
                return new ScalarValue(Combinations.Binomial(Scalar(Argument()), Scalar(Argument())));
            case "\\emptyset":
                return new SetValue([]);
            case "\\langle":
                return Bracket(name);
            case "\\circ":
                return new ScalarValue(Quotient.Atom(UnitWords.Degree));
            case "\\overline" or "\\mathbb" or "\\mathcal" or "\\vec" or "\\hat" or "\\bar" or "\\operatorname" or "\\angle" or "\\triangle":
                return new ScalarValue(Quotient.Atom($"({name} {Marked(name is "\\angle" or "\\triangle")})"));
        }

        if (s_functions.Contains(name))
            return Function(name);
        if (name.Length > 2 && name.Skip(1).All(char.IsAsciiLetter))
            return new ScalarValue(Quotient.Atom(name + Subscript()));
        throw new AlgebraException($"the command {name}");
    }

    /// <summary>What a mark stands over or before. Letters keep their order: \overline{AB} is no product, and \angle ABC has three letters.</summary>
    private string Marked(bool isFigure)
    {
        int start = _at;
        string value = Scalar(Argument()).Key;
        while (isFigure && Now.Kind == TokenKind.Letter)
            _at++;
        MathToken[] inside = [.. _tokens.Skip(start).Take(_at - start).Where(token => !token.Is("{") && !token.Is("}"))];
        return Array.TrueForAll(inside, token => token.Kind == TokenKind.Letter) ? string.Concat(inside.Select(token => token.Text)) : value;
    }

    private ScalarValue Fraction()
    {
        Quotient top = Finite(Argument()), bottom = Finite(Argument());
        return new ScalarValue(top / bottom);
    }

    private ScalarValue Root()
    {
        Quotient degree = Quotient.Of(2);
        if (Take("["))
        {
            degree = Scalar(Sum());
            Need("]");
        }

        return new ScalarValue(Scalar(Argument()).Power(Quotient.One / degree));
    }

    /// <summary>A group, or a single sign: of a number its first digit, as in \frac12.</summary>
    private MathValue Argument()
    {
        if (Now.Kind != TokenKind.Number || Now.Text.Length == 1)
            return Now.Is("{") || Now.Is("(") || Now.Kind is TokenKind.Letter or TokenKind.Number or TokenKind.Command
                ? Primary()
                : throw new AlgebraException("a missing argument");
        string digits = Now.Text;
        if (!digits.All(char.IsAsciiDigit))
            throw new AlgebraException("an argument without braces");
        _tokens[_at] = new MathToken(TokenKind.Number, digits[1..], new Rational(BigInteger.Parse(digits.AsSpan(1)), 1));
        return new ScalarValue(Quotient.Of(digits[0] - '0'));
    }

    private ScalarValue Function(string name)
    {
        string plain = name;
        name += Subscript();
        Quotient? power = Take("^") ? Exponent() : null;
        if (power?.Number is { } exponent && exponent == -Rational.One)
        {
            // The inverse function, not the reciprocal.
            if (!s_inverse.Contains(name))
                throw new AlgebraException($"{plain} to the power of -1");
            (name, power) = ($"\\arc{name[1..]}", null);
        }

        string argument;
        Quotient? only = null;
        if (Now.Is("(") || Now.Is("{"))
        {
            MathValue value = Primary();
            only = (value as ScalarValue)?.Value;
            argument = value is SequenceValue { Items: var items } ? string.Join(',', items.Select(item => Scalar(item).Key)) : Scalar(value).Key;
        }
        else
        {
            Quotient product = Scalar(Power());
            while (Now.Kind is TokenKind.Letter || (Now.Kind == TokenKind.Command && Now.Text is "\\pi" or "\\theta" or "\\alpha" or "\\beta"))
                product *= Scalar(Power());
            (only, argument) = (product, product.Key);
        }

        Quotient result = name == "\\exp" && only is not null ? Quotient.Atom("e").Power(only) : Quotient.Atom($"({name} {argument})");
        return new ScalarValue(power is null ? result : result.Power(power));
    }

    private MathValue Bracket(string open)
    {
        List<MathValue> items = Items();
        string close = Now.Text;
        if (!(Take(")") || Take("]") || Take("\\rangle")))
            throw new AlgebraException("a bracket that stays open");
        if (items.Count > 1)
            return new SequenceValue(open, close, items);
        return (open, close) is ("(", ")") or ("[", "]") ? items[0] : throw new AlgebraException("brackets that do not match");
    }

    private MathValue Group()
    {
        if (Take("}"))
            return new ScalarValue(Quotient.One);
        MathValue inside = Relation();
        Need("}");
        return inside;
    }

    private SetValue Set()
    {
        if (Take("\\}"))
            return new SetValue([]);
        List<MathValue> items = Items();
        Need("\\}");
        return new SetValue(items);
    }

    private ScalarValue Bars()
    {
        bool before = _insideBars;
        _insideBars = true;
        Quotient inside = Scalar(Sum());
        _insideBars = before;
        Need("|");
        if (inside.Number is { } number)
            return new ScalarValue(number.Numerator.Sign < 0 ? -inside : inside);
        return new ScalarValue(Quotient.Atom($"(abs {inside.Key})"));
    }

    private MatrixValue Matrix(string kind)
    {
        if (!s_matrices.Contains(kind))
            throw new AlgebraException($"the environment {kind}");
        var rows = new List<IReadOnlyList<MathValue>>();
        var row = new List<MathValue>();
        while (true)
        {
            row.Add(Relation());
            if (Take("&"))
                continue;
            rows.Add(row);
            row = [];
            bool more = Take("\\\\");
            if (Take($"\\end{{{kind}}}"))
                break;
            if (!more)
                throw new AlgebraException("a matrix that stays open");
        }

        if (rows.Exists(other => other.Count != rows[0].Count))
            throw new AlgebraException("a matrix with rows of different lengths");
        return new MatrixValue(kind == "vmatrix", rows);
    }

    private static Quotient Scalar(MathValue value) => value is ScalarValue scalar
        ? scalar.Value
        : throw new AlgebraException("arithmetic with something that is no number");

    /// <summary>Infinity has a sign, and no arithmetic.</summary>
    private static Quotient Finite(MathValue value) =>
        Scalar(value) is var scalar && scalar.Atoms.Contains(Infinity) ? throw new AlgebraException("arithmetic with infinity") : scalar;

    private bool Take(string symbol)
    {
        if (!Now.Is(symbol))
            return false;
        _at++;
        return true;
    }

    private void Need(string symbol)
    {
        if (!Take(symbol))
            throw new AlgebraException($"a missing '{symbol}'");
    }
}
