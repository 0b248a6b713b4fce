using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>A sentence of words and formulas: brackets and formulas are taken whole, and their dollars and bold marks are known as such.</summary>
internal sealed class ValueSentence
{
    private const int Reach = 1000, MostTokens = 60;

    private readonly string _said;
    private readonly List<ValueToken> _tokens = [];

    /// <summary>Delimiters of formulas, which are no part of a value.</summary>
    private readonly List<(int Start, int End)> _delimiters = [];

    private ValueSentence(string said) => _said = said;

    /// <summary>Number of tokens.</summary>
    public int Count => _tokens.Count;

    /// <summary>A token with all its marks.</summary>
    public ReadOnlySpan<char> this[int token] => _said.AsSpan(_tokens[token].Start, _tokens[token].End - _tokens[token].Start);

    /// <summary>A token in small letters, without marks; empty behind the last one.</summary>
    public string Word(int token) => token < _tokens.Count ? _tokens[token].Word : "";

    /// <summary>Whether a token is a number or a formula; false behind the last one.</summary>
    public bool IsFormula(int token) => token < _tokens.Count && _tokens[token].IsFormula;

    /// <summary>Whether a token is a sign that stands apart from its number.</summary>
    public bool IsSign(int token) => this[token] is "-" or "−" or "+";

    /// <summary>Reads to the end of the sentence, line, bracket or cell; null for what is not complete, for questions and for what does not end.</summary>
    /// <param name="said">The text.</param>
    /// <param name="start">Where the sentence begins.</param>
    /// <param name="cell">Whether it stands in a cell of a table.</param>
    public static ValueSentence? Read(string said, int start, bool cell)
    {
        var sentence = new ValueSentence(said);
        int token = -1, depth = 0, at = start, limit = Math.Min(said.Length, start + Reach);
        for (; at < limit; at++)
        {
            char letter = said[at];
            if (depth == 0 && letter is ' ' or '\t')
            {
                if (!sentence.Close(ref token, at))
                    return null;
                continue;
            }

            if (depth == 0 && (EndsAt(said, at) || (letter == '|' && cell) || (token >= 0 && ClosesFormula(said, at))))
                break;
            if (depth == 0 && letter is '?' or '？')
                return null;
            if (token < 0)
                token = at;
            switch (letter)
            {
                case '(' or '[' or '{':
                    depth++;
                    break;
                case ')' or ']' or '}' when --depth < 0:
                    // "a) 5" is a part of an answer and "C) 5" an option, unless the sentence itself stands in brackets.
                    if (letter == ')' && !IsInBrackets(said, start))
                    {
                        if (at > start + 1 || !char.IsAsciiLetterUpper(said[start]))
                            return null;
                        depth = 0;
                        break;
                    }

                    limit = at;
                    at--;
                    break;
                case '\\' when StartsBox(said, at):
                    return null;
                case '\\' or '$' when sentence.FormulaEnd(at, limit) is { } end:
                    if (end < 0)
                        return null;
                    at = end - 1;
                    break;
                case '\\':
                    at++;
                    break;
                case '\n' when at + 1 < said.Length && said[at + 1] == '\n':
                    return null;
            }
        }

        bool complete = depth <= 0 && (limit < start + Reach || at < limit);
        return complete && sentence.Close(ref token, Math.Min(at, said.Length)) ? sentence : null;
    }

    /// <summary>Tokens as a value: without delimiters of formulas, bold and code marks, and punctuation at the end.</summary>
    public string Text(int from, int to)
    {
        if (from >= to)
            return "";
        var text = new System.Text.StringBuilder();
        int at = _tokens[from].Start, end = _tokens[to - 1].End;
        foreach ((int start, int behind) in _delimiters.Where(delimiter => delimiter.Start >= at && delimiter.End <= end).Order())
        {
            text.Append(_said, at, start - at);
            at = behind;
        }

        text.Append(_said, at, end - at).Replace("**", "").Replace("`", "");
        string value = PythonText.Strip(text.ToString()).Trim('“', '”', '‘', '’', '_', '*').TrimEnd(',', ':', ';', ' ');
        // 5'10" has no quote before it.
        if (value is [.., var before, '"' or '\''] && !(char.IsAsciiDigit(before) && !(at > 0 && _said[_tokens[from].Start - 1] is '"' or '\'')))
            value = value.TrimEnd('"', '\'');
        bool stop = value.Length > 1 && value[^1] == '.' && char.IsAsciiDigit(value[^2]);
        return PythonText.Strip(stop ? value[..^1] : value);
    }

    private bool Close(ref int token, int end)
    {
        if (token >= 0 && end > token)
            _tokens.Add(ValueToken.Of(_said, token, end));
        token = -1;
        return _tokens.Count <= MostTokens;
    }

    /// <summary>Index behind the formula that begins at a place; -1 if it is not complete, null if none begins.</summary>
    private int? FormulaEnd(int at, int limit)
    {
        ReadOnlySpan<char> rest = _said.AsSpan(at, limit - at);
        (string open, string close) = rest switch
        {
            ['$', '$', ..] => ("$$", "$$"),
            ['$', ..] => ("$", "$"),
            ['\\', '(', ..] => ("\\(", "\\)"),
            ['\\', '[', ..] => ("\\[", "\\]"),
            _ when rest.StartsWith("\\begin{") && rest.IndexOf('}') is > 0 and int brace => ("", $"\\end{rest[6..(brace + 1)]}"),
            _ => ("", ""),
        };
        if (close.Length == 0)
            return null;
        int length = open == "$" ? Dollar(rest) : rest[open.Length..].IndexOf(close, StringComparison.Ordinal) is >= 0 and int found ? open.Length + found : -1;
        if (length < 0)
            return open == "$" ? null : -1;
        // A box with something in it would have been the answer.
        if (rest[..length].Contains("\\boxed", StringComparison.Ordinal))
            return -1;
        if (open.Length > 0)
        {
            _delimiters.Add((at, at + open.Length));
            _delimiters.Add((at + length, at + length + close.Length));
        }

        return at + length + close.Length;
    }

    /// <summary>The closing dollar; -1 where the first one is money: a formula touches both of its dollars, and no digit follows it.</summary>
    private static int Dollar(ReadOnlySpan<char> rest)
    {
        if (rest.Length < 3 || char.IsWhiteSpace(rest[1]))
            return -1;
        for (int at = 1; at < rest.Length && !(rest[at] == '\n' && rest[at - 1] == '\n'); at++)
        {
            if (rest[at] == '\\')
                at++;
            else if (rest[at] == '$' && at > 1)
                return !char.IsWhiteSpace(rest[at - 1]) && (at + 1 == rest.Length || !char.IsAsciiDigit(rest[at + 1])) ? at : -1;
        }

        return -1;
    }

    private static bool IsInBrackets(string said, int start) =>
        said.LastIndexOf('(', start, Math.Min(start + 1, Reach)) > said.LastIndexOf('\n', start, Math.Min(start + 1, Reach));

    private static bool StartsBox(string said, int at) => said.AsSpan(at).StartsWith("\\boxed") || said.AsSpan(at).StartsWith("\\fbox");

    /// <summary>Whether the formula in which the whole sentence stands ends at a place: <c>$\text{Answer: } 12$</c>.</summary>
    private static bool ClosesFormula(string said, int at) => said[at] switch
    {
        '\\' => at + 1 < said.Length && said[at + 1] is ')' or ']',
        '$' => at + 1 == said.Length || said[at + 1] is '$' or '.' or ',' or '\n' or '\r' or ' ' or '*',
        _ => false,
    };

    /// <summary>Whether a sentence ends at a place outside of brackets. Points of numbers and of abbreviations do not end it.</summary>
    private static bool EndsAt(string said, int at)
    {
        char next = at + 1 < said.Length ? said[at + 1] : '\n';
        switch (said[at])
        {
            case '\n' or '\r' or '。' or '；' or '！' or '，':
                return true;
            case '<':
                return next is '/' or '|' || Words.StandsAt(said, at + 1, "br");
            case '[':
                return next == '/';
            case '\\':
                return next == '\\';
            case ';':
                return char.IsWhiteSpace(next) || IsMark(next);
            case '!':
                // "5! = 120" and "5! ways" are factorials.
                int behind = PythonText.SkipSpace(said, at + 1);
                bool ends = behind == said.Length || char.IsUpper(said[behind]) || said.AsSpan(at, behind - at).Contains('\n');
                return IsMark(next) || (ends && (behind > at + 1 || behind == said.Length));
            case '.':
                char before = at > 0 ? said[at - 1] : '\n';
                bool abbreviation = char.IsLetter(before) && next == ' ' && at + 2 < said.Length && char.IsAsciiLetterLower(said[at + 2]);
                bool currency = next == ' ' && at > 1 && Words.StandsAt(said, at - 2, "rs");
                bool initials = at > 1 && char.IsLetter(before) && said[at - 2] == '.';
                bool list = next == '.' && before is ' ' or ',' or '.';
                return !abbreviation && !currency && !initials && !list && (char.IsWhiteSpace(next) || next == '.' || IsMark(next));
            default:
                return false;
        }
    }

    private static bool IsMark(char letter) => letter is '*' or '_' or '`' or '"' or '”' or '\'' or '’' or ')' or '}' or '$' or '<' or '|';
}
