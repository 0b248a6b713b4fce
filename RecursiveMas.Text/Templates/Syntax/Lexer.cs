using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Syntax;

/// <summary>Cuts a template into tokens. White-space control happens here: trim_blocks and lstrip_blocks are on, as for every chat template.</summary>
internal sealed partial class Lexer
{
    private static readonly string[] Operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;
    private bool _lineStarting = true;

    private Lexer(string source) => _source = source;

    public static List<Token> Tokenize(string source)
    {
        string text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (text.EndsWith('\n'))
            text = text[..^1];
        var lexer = new Lexer(text);
        lexer.Root();
        lexer.Add(TokenKind.End, "");
        return lexer._tokens;
    }

    private char Peek(int offset = 0) => _position + offset < _source.Length ? _source[_position + offset] : '\0';

    private void Add(TokenKind kind, string text, object? value = null) => _tokens.Add(new Token(kind, text, _line, value));

    /// <summary>Moves on and counts lines.</summary>
    private void Advance(int end)
    {
        for (int i = _position; i < end; i++)
        {
            if (_source[i] == '\n')
                _line++;
        }

        _lineStarting = end > _position ? _source[end - 1] == '\n' : _lineStarting;
        _position = end;
    }

    private void Root()
    {
        while (_position < _source.Length)
        {
            int open = FindOpening(_position);
            if (open < 0)
            {
                Add(TokenKind.Data, _source[_position..]);
                Advance(_source.Length);
                return;
            }

            char kind = _source[open + 1];
            AddDataBefore(open, stripsLine: kind != '{');
            int afterSign = AfterSign(open);
            if (kind == '#')
            {
                Comment(afterSign);
            }
            else if (kind == '%' && RawEnd(afterSign) is { } rawBody)
            {
                Advance(rawBody);
                Raw();
            }
            else
            {
                Advance(afterSign);
                Add(kind == '{' ? TokenKind.VariableBegin : TokenKind.BlockBegin, "");
                Inside(kind == '{');
            }
        }
    }

    private int FindOpening(int from)
    {
        for (int i = _source.IndexOf('{', from); i >= 0 && i + 1 < _source.Length; i = _source.IndexOf('{', i + 1))
        {
            if (_source[i + 1] is '{' or '%' or '#')
                return i;
        }

        return -1;
    }

    private int AfterSign(int open) => open + 2 < _source.Length && _source[open + 2] is '-' or '+' ? open + 3 : open + 2;

    private void AddDataBefore(int open, bool stripsLine)
    {
        ReadOnlySpan<char> data = _source.AsSpan(_position, open - _position);
        char sign = open + 2 < _source.Length ? _source[open + 2] : '\0';
        if (sign == '-')
        {
            while (!data.IsEmpty && Characters.IsSpace(data[^1]))
                data = data[..^1];
        }
        else if (sign != '+' && stripsLine)
        {
            int start = data.LastIndexOf('\n') + 1;
            if ((start > 0 || _lineStarting) && start < data.Length && AllSpace(data[start..]))
                data = data[..start];
        }

        if (!data.IsEmpty)
            Add(TokenKind.Data, data.ToString());
        Advance(open);
    }

    private static bool AllSpace(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!Characters.IsSpace(c))
                return false;
        }

        return true;
    }

    private int SkipSpace(int position)
    {
        while (position < _source.Length && Characters.IsSpace(_source[position]))
            position++;
        return position;
    }

    /// <summary>End of "+%}", "-%}" with the white space after it, or "%}" with one line break after it; null if none stands here.</summary>
    private int? ClosingEnd(int position, char kind)
    {
        ReadOnlySpan<char> rest = _source.AsSpan(position);
        ReadOnlySpan<char> close = [kind, '}'];
        if (rest.StartsWith(close))
            return position + 2 < _source.Length && _source[position + 2] == '\n' && kind != '}' ? position + 3 : position + 2;
        if (rest.Length < 3 || !rest[1..].StartsWith(close))
            return null;
        return rest[0] switch
        {
            '-' => SkipSpace(position + 3),
            '+' when kind != '}' => position + 3,
            _ => null,
        };
    }

    private void Comment(int from)
    {
        // As in Jinja, an opening with nothing behind it ends the template.
        if (from >= _source.Length)
        {
            Advance(_source.Length);
            return;
        }

        for (int i = from; i < _source.Length; i++)
        {
            if (_source[i] is '#' or '-' or '+' && ClosingEnd(i, '#') is { } end)
            {
                Advance(end);
                return;
            }
        }

        throw TemplateFault.Syntax("Missing end of comment tag", _line);
    }

    /// <summary>Where the body of a raw block begins, if the tag after the opening is "raw".</summary>
    private int? RawEnd(int afterSign)
    {
        int word = SkipSpace(afterSign);
        if (!_source.AsSpan(word).StartsWith("raw"))
            return null;
        int close = SkipSpace(word + 3);
        ReadOnlySpan<char> rest = _source.AsSpan(close);
        if (rest.StartsWith("%}"))
            return close + 2;
        return rest.StartsWith("-%}") ? SkipSpace(close + 3) : null;
    }

    private void Raw()
    {
        for (int open = _source.IndexOf("{%", _position, StringComparison.Ordinal); open >= 0; open = _source.IndexOf("{%", open + 1, StringComparison.Ordinal))
        {
            int word = SkipSpace(AfterSign(open));
            if (!_source.AsSpan(word).StartsWith("endraw") || ClosingEnd(SkipSpace(word + 6), '%') is not { } end)
                continue;
            AddDataBefore(open, stripsLine: true);
            Advance(end);
            return;
        }

        if (_position < _source.Length)
            throw TemplateFault.Syntax("Missing end of raw directive", _line);
    }

    private void Inside(bool variable)
    {
        var open = new Stack<char>();
        while (_position < _source.Length)
        {
            if (open.Count == 0 && ClosingEnd(_position, variable ? '}' : '%') is { } end)
            {
                Add(variable ? TokenKind.VariableEnd : TokenKind.BlockEnd, "");
                Advance(end);
                return;
            }

            char c = Peek();
            if (Characters.IsSpace(c))
                Advance(SkipSpace(_position));
            else if (Characters.IsDigit(c))
                Number();
            else if (Characters.IsWord(c))
                Name();
            else if (c is '\'' or '"')
                String(c);
            else
                Operator(open);
        }
    }

    private void Name()
    {
        int end = _position;
        while (end < _source.Length && Characters.IsWord(_source[end]))
            end++;
        string name = _source[_position..end];
        if (char.IsDigit(name[0]))
            throw TemplateFault.Syntax("Invalid character in identifier", _line);
        Add(TokenKind.Name, name);
        Advance(end);
    }

    private void String(char quote)
    {
        for (int i = _position + 1; i < _source.Length; i++)
        {
            if (_source[i] == '\\')
            {
                i++;
            }
            else if (_source[i] == quote)
            {
                Add(TokenKind.String, StringLiteral.Decode(_source.AsSpan(_position + 1, i - _position - 1), _line));
                Advance(i + 1);
                return;
            }
        }

        throw TemplateFault.Syntax($"unexpected char '{quote}' at {_position}", _line);
    }

    private void Operator(Stack<char> open)
    {
        string? found = null;
        foreach (string text in Operators)
        {
            if (string.CompareOrdinal(_source, _position, text, 0, text.Length) == 0)
            {
                found = text;
                break;
            }
        }

        switch (found)
        {
            case null:
                throw TemplateFault.Syntax($"unexpected char '{Peek()}' at {_position}", _line);
            case "(" or "[" or "{":
                open.Push(found == "(" ? ')' : found == "[" ? ']' : '}');
                break;
            case ")" or "]" or "}":
                if (open.Count == 0)
                    throw TemplateFault.Syntax($"unexpected '{found}'", _line);
                char expected = open.Pop();
                if (expected != found[0])
                    throw TemplateFault.Syntax($"unexpected '{found}', expected '{expected}'", _line);
                break;
        }

        Add(TokenKind.Operator, found);
        Advance(_position + found.Length);
    }
}
