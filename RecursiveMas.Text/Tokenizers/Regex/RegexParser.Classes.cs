using System.Globalization;
using System.Text;
using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Regex;

/// <content>Character classes and escapes.</content>
internal ref partial struct RegexParser
{
    private CodePointSet ParseClass(RegexFlags flags, int depth)
    {
        if (depth > 8)
            throw Broken("nests character classes deeper than 8 levels");
        bool negative = Take('^');
        CodePointSet result = CodePointSet.All;
        CodePointSet current = CodePointSet.Empty;
        for (bool first = true; ; first = false)
        {
            if (AtEnd)
                throw Broken("has a character class without end");
            if (Peek == ']' && !first)
                break;
            if (Take('['))
            {
                if (Peek == ':')
                    throw Unsupported("the POSIX bracket '[['" + ":");
                current = current.Union(ParseClass(flags, depth + 1));
                continue;
            }

            if (Take("&&"))
            {
                result = result.Intersect(current);
                current = CodePointSet.Empty;
                continue;
            }

            CodePointSet? escaped = null;
            int start = 0;
            if (Take('\\'))
            {
                escaped = ParseEscapedClass(flags, inBrackets: true);
                start = escaped is null ? ParseEscapedCharacter() : 0;
            }
            else
            {
                start = NextRune().Value;
            }

            if (escaped is not null)
            {
                current = current.Union(escaped);
                continue;
            }

            int end = start;
            if (Peek == '-' && _position + 1 < _pattern.Length && _pattern[_position + 1] is not (']' or '['))
            {
                _position++;
                end = Take('\\') ? ParseEscapedCharacter() : NextRune().Value;
                if (end < start)
                    throw Broken("has a range whose end lies before its start");
            }

            CodePointSet range = CodePointSet.Of(start, end);
            current = current.Union(flags.IgnoreCase ? FoldCase(range) : range);
        }

        _position++;
        result = result.Intersect(current);
        return negative ? result.Complement() : result;
    }

    private CodePointSet? ParseEscapedClass(RegexFlags flags, bool inBrackets)
    {
        char c = Peek;
        CodePointSet? set = c switch
        {
            'd' or 'D' => UnicodeTables.RegexDigit(),
            's' or 'S' => UnicodeTables.RegexSpace(),
            'w' or 'W' => inBrackets ? UnicodeTables.RegexWordInClass() : UnicodeTables.RegexWord(),
            'h' or 'H' => CodePointSet.Of("0123456789abcdefABCDEF"),
            'p' or 'P' => null,
            _ => CodePointSet.Empty,
        };
        if (set is { IsEmpty: true })
            return null;
        _position++;
        bool negative = char.IsAsciiLetterUpper(c);
        if (set is null)
        {
            int end = _pattern[_position..].IndexOf('}');
            if (!Take('{') || end < 0)
                throw Broken("has a property without braces");
            negative ^= Take('^');
            int length = _pattern[_position..].IndexOf('}');
            string name = _pattern.Slice(_position, length).ToString();
            _position += length + 1;
            if (flags.IgnoreCase && name is "Lu" or "Ll" or "Lt")
                throw Unsupported($"the property '{name}' without regard to case");
            set = UnicodeTables.Property(name) ?? throw Unsupported($"the property '{name}'");
        }

        return negative ? set.Complement() : set;
    }

    private int ParseEscapedCharacter()
    {
        if (AtEnd)
            throw Broken("ends with a backslash");
        Rune rune = NextRune();
        switch (rune.Value)
        {
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'a':
                return '\a';
            case 'e':
                return 0x1B;
            case 'x' when Take('{'):
                int end = _pattern[_position..].IndexOf('}');
                int wide = end is > 0 and <= 8 ? Hexadecimal(end) : throw Broken("has a damaged \\x{...}");
                _position++;
                return wide;
            case 'x':
                return Hexadecimal(2);
            case 'u':
                return Hexadecimal(4);
            default:
                return rune.IsAscii && char.IsAsciiLetterOrDigit((char)rune.Value) ? throw Unsupported($"'\\{rune}'") : rune.Value;
        }
    }

    private int Hexadecimal(int digits)
    {
        if (_position + digits > _pattern.Length
            || !int.TryParse(_pattern.Slice(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            || value is < 0 or > CodePointSet.Last)
            throw Broken("has a damaged hexadecimal escape");
        _position += digits;
        return value;
    }

    private readonly CodePointSet FoldCase(CodePointSet set)
    {
        var more = new List<(int, int)>();
        foreach ((int start, int end) in set.Ranges())
        {
            if (end > 0x7F)
                throw Unsupported("a character beyond ASCII without regard to case");
            for (int c = start; c <= end; c++)
            {
                if (!char.IsAsciiLetter((char)c))
                    continue;
                more.Add((c ^ 0x20, c ^ 0x20));
                if ((c | 0x20) == 's')
                    more.Add((0x17F, 0x17F));
                if ((c | 0x20) == 'k')
                    more.Add((0x212A, 0x212A));
            }
        }

        return set.Union(CodePointSet.FromRanges(more));
    }
}
