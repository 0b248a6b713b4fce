using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using RecursiveMas.Algebra;

namespace RecursiveMas.Latex;

/// <summary>Takes a formula apart.</summary>
internal sealed partial class MathTokenizer
{
    private const int MostTokens = 2000;
    private const int LargestExponent = 4000;

    private static readonly HashSet<string> s_skipped =
    [
        "\\left", "\\right", "\\displaystyle", "\\,", "\\;", "\\!", "\\:", "\\ ", "\\quad", "\\qquad", "\\big", "\\Big", "\\bigl", "\\bigr", "\\Bigl",
        "\\Bigr", "\\limits",
    ];

    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["\\dfrac"] = "\\frac", ["\\tfrac"] = "\\frac", ["\\cfrac"] = "\\frac", ["\\geq"] = "\\ge", ["\\leq"] = "\\le", ["\\geqslant"] = "\\ge",
        ["\\leqslant"] = "\\le",
        ["\\neq"] = "\\ne", ["\\times"] = "\\cdot", ["\\ast"] = "\\cdot", ["*"] = "\\cdot", ["\\div"] = "/", ["\\lt"] = "<", ["\\gt"] = ">",
        ["\\varnothing"] = "\\emptyset",
        ["\\dbinom"] = "\\binom", ["\\tbinom"] = "\\binom", ["\\lbrace"] = "\\{", ["\\rbrace"] = "\\}", ["\\lbrack"] = "[", ["\\rbrack"] = "]",
        ["\\vert"] = "|", ["\\mid"] = "|",
        ["\\lvert"] = "|", ["\\rvert"] = "|", ["\\degree"] = "\\circ", ["\\colon"] = ":", ["\\%"] = "%", ["\\$"] = "$",
    };

    private static readonly HashSet<string> s_functions =
    [
        "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "ln", "log", "exp", "gcd", "lcm", "max", "min", "sqrt", "pi",
    ];

    private readonly string _text;
    private readonly List<MathToken> _tokens = [];
    private int _depth;

    private MathTokenizer(string text) => _text = text;

    /// <exception cref="AlgebraException">The formula is too long, or holds something that has no meaning here.</exception>
    public static List<MathToken> Read(string text)
    {
        var tokenizer = new MathTokenizer(text);
        for (int at = 0; at < text.Length;)
            at = tokenizer.Next(at);
        return tokenizer._tokens;
    }

    private int Next(int at)
    {
        if (_tokens.Count > MostTokens)
            throw new AlgebraException("a formula that is too long");
        char letter = _text[at];
        if (char.IsWhiteSpace(letter) || letter == '~')
            return at + 1;
        if (char.IsAsciiDigit(letter) || (letter == '.' && at + 1 < _text.Length && char.IsAsciiDigit(_text[at + 1])))
            return Number(at);
        if (char.IsAsciiLetter(letter))
            return Letters(at);
        if (letter == '\\')
            return Command(at);
        if (!"+-*/^_(){}[]|=<>,;:!%$&".Contains(letter, StringComparison.Ordinal))
            throw new AlgebraException($"the sign '{letter}'");
        return Symbol(letter.ToString(), at + 1);
    }

    private int Symbol(string symbol, int next)
    {
        symbol = s_names.GetValueOrDefault(symbol, symbol);
        if (symbol is "(" or "[" or "\\{")
            _depth++;
        else if (symbol is ")" or "]" or "\\}")
            _depth--;
        if (symbol is "<" or ">" && next < _text.Length && _text[next] == '=')
            (symbol, next) = (symbol == "<" ? "\\le" : "\\ge", next + 1);
        _tokens.Add(new MathToken(symbol[0] == '\\' && symbol.Length > 2 ? TokenKind.Command : TokenKind.Symbol, symbol));
        return next;
    }

    /// <summary>Commas group thousands outside of brackets only, where they cannot stand between elements.</summary>
    private int Number(int at)
    {
        Match number = (_depth == 0 ? Grouped() : Plain()).Match(_text, at);
        string digits = string.Concat(number.Groups["whole"].Value.Where(char.IsAsciiDigit)), fraction = number.Groups["fraction"].Value;
        int exponent = 0;
        if (number.Groups["exponent"].Success
            && (!int.TryParse(number.Groups["exponent"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
                || Math.Abs(exponent) > LargestExponent))
            throw new AlgebraException("a number that is too large");
        var all = BigInteger.Parse("0" + digits + fraction, CultureInfo.InvariantCulture);
        Rational value = new Rational(all, 1) * new Rational(10, 1).Power(exponent - fraction.Length);
        if (exponent == 0
            && number.Value.Contains('.', StringComparison.Ordinal)
            && Repeating().Match(_text, number.Index + number.Length) is { Success: true } repeating)
        {
            int length = repeating.Groups[1].Length;
            var period = new Rational(BigInteger.Parse(repeating.Groups[1].Value, CultureInfo.InvariantCulture), BigInteger.Pow(10, length) - 1);
            _tokens.Add(new MathToken(TokenKind.Number, number.Value, value + period * new Rational(10, 1).Power(-fraction.Length)));
            return repeating.Index + repeating.Length;
        }

        _tokens.Add(new MathToken(TokenKind.Number, number.Value, value));
        return number.Index + number.Length;
    }

    private int Letters(int at)
    {
        int end = at;
        while (end < _text.Length && char.IsAsciiLetter(_text[end]))
            end++;
        string word = _text[at..end];
        if (word is "or" or "and" && _tokens.Count > 0)
            _tokens.Add(new MathToken(TokenKind.Symbol, ","));
        else if (s_functions.Contains(word))
            _tokens.Add(new MathToken(TokenKind.Command, "\\" + word));
        else if (_tokens.Count > 0
            && _tokens[^1].Kind is TokenKind.Number or TokenKind.Unit
            && char.IsWhiteSpace(_text[at - 1])
            && UnitWords.MayBe(word))
            Unit(word);
        else
            _tokens.AddRange(word.Select(letter => new MathToken(TokenKind.Letter, letter.ToString())));
        return end;
    }

    private int Command(int at)
    {
        int end = at + 1;
        while (end < _text.Length && char.IsAsciiLetter(_text[end]))
            end++;
        if (end == at + 1)
            end = Math.Min(end + 1, _text.Length);
        string name = _text[at..end];
        if (s_skipped.Contains(name))
            return end;
        if (Content().Match(_text, at) is { Success: true } text)
            return Text(text);
        if (name is "\\begin" or "\\end" && Environment().Match(_text, end) is { Success: true } environment)
        {
            _tokens.Add(new MathToken(TokenKind.Command, $"{name}{{{environment.Groups[1].Value}}}"));
            _depth += name == "\\begin" ? 1 : -1;
            return environment.Index + environment.Length;
        }

        if (name is "\\mathbf" or "\\boldsymbol" or "\\mathit" or "\\bm")
            return end;
        return Symbol(name, end);
    }

    /// <summary>Text inside of a formula: alternatives, single letters, or a unit of one or more words.</summary>
    private int Text(Match text)
    {
        string content = text.Groups["content"].Value.Replace('~', ' ').Trim();
        if (content is "or" or "and")
            _tokens.Add(new MathToken(TokenKind.Symbol, ","));
        else if (content.Length == 1 && char.IsAsciiLetter(content[0])
            && !(UnitWords.MayBe(content[0]) && _tokens.Exists(token => token.Kind is TokenKind.Number or TokenKind.Unit)))
            _tokens.Add(new MathToken(TokenKind.Letter, content));
        else
        {
            foreach (Match part in UnitParts().Matches(content))
            {
                string piece = part.Value;
                if (char.IsLetter(piece[0]))
                    Unit(piece);
                else if (char.IsAsciiDigit(piece[0]))
                    _tokens.Add(new MathToken(TokenKind.Number, piece, new Rational(BigInteger.Parse(piece, CultureInfo.InvariantCulture), 1)));
                else if (piece.TrimStart('\\') is "/" or "^" or "%" or "$")
                    _tokens.Add(new MathToken(TokenKind.Symbol, piece.TrimStart('\\')));
                else
                    throw new AlgebraException("text inside of a formula");
            }
        }

        return text.Index + text.Length;
    }

    /// <summary>A word that stands for a unit, a power of one, a power of ten, or none of them.</summary>
    private void Unit(string word)
    {
        MathToken last = _tokens.Count > 0 ? _tokens[^1] : default;
        if (UnitWords.IsNever(word))
        {
            throw new AlgebraException($"the word {word}");
        }
        else if (UnitWords.Scale(word) is { } power)
        {
            _tokens.Add(new MathToken(TokenKind.Command, "\\cdot"));
            _tokens.Add(new MathToken(TokenKind.Number, word, new Rational(10, 1).Power(power)));
        }
        else if (word is "squared" or "cubed")
        {
            Raise(word);
        }
        else if (word is "cent" && last is { Kind: TokenKind.Unit, Text: "per" })
        {
            _tokens[^1] = new MathToken(TokenKind.Unit, UnitWords.Percent);
        }
        else if (last is { Kind: TokenKind.Unit, Text: "square" or "sq" or "cubic" })
        {
            _tokens[^1] = new MathToken(TokenKind.Unit, UnitWords.Of(word));
            Raise(last.Text);
        }
        else
        {
            _tokens.Add(new MathToken(TokenKind.Unit, UnitWords.Of(word)));
        }

        void Raise(string how)
        {
            int exponent = how is "cubed" or "cubic" ? 3 : 2;
            _tokens.Add(new MathToken(TokenKind.Symbol, "^"));
            _tokens.Add(new MathToken(TokenKind.Number, how, new Rational(exponent, 1)));
        }
    }

    [GeneratedRegex(
        @"\G(?<whole>\d{1,3}(?:(?:,|\{,\}|,\\!|\\,|\\!|\{,\}\\!)\d{3})+(?!\d)|\d*)(?:\.(?<fraction>\d*))?(?:[eE](?<exponent>[+-]?\d+))?",
        RegexOptions.CultureInvariant)]
    private static partial Regex Grouped();

    [GeneratedRegex(
        @"\G(?<whole>\d{1,3}(?:(?:\{,\}|,\\!|\\,)\d{3})+(?!\d)|\d*)(?:\.(?<fraction>\d*))?(?:[eE](?<exponent>[+-]?\d+))?",
        RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    [GeneratedRegex(@"\G\\overline\s*\{(\d{1,40})\}", RegexOptions.CultureInvariant)]
    private static partial Regex Repeating();

    [GeneratedRegex(@"\G\\(?:text(?:bf|it|rm|normal)?|mbox|mathrm)\s*\{(?<content>(?:[^{}\\]|\\[%$])*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Content();

    [GeneratedRegex(@"\G\s*\{([a-zA-Z]+\*?)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Environment();

    [GeneratedRegex(@"\p{L}+|[0-9]+|\\?\S", RegexOptions.CultureInvariant)]
    private static partial Regex UnitParts();
}
