using System.Globalization;
using System.Text;

namespace RecursiveMas.Tokenizers;

/// <summary>Reads the syntax of the regular expressions in tokenizer files (Oniguruma's, Ruby flavour) and refuses by name what is not supported.</summary>
internal ref struct RegexParser
{
    private const int MaximumDepth = 60;
    private const int MaximumRepeat = 1000;

    private readonly ReadOnlySpan<char> _pattern;
    private readonly string _file;
    private int _position;
    private int _depth;

    private RegexParser(string pattern, string file)
    {
        _pattern = pattern;
        _file = file;
    }

    private readonly bool AtEnd => _position >= _pattern.Length;

    private readonly char Peek => AtEnd ? '\0' : _pattern[_position];

    /// <exception cref="CheckpointException">The pattern is damaged or uses something that is not supported.</exception>
    public static RegexNode Parse(string pattern, string file)
    {
        var parser = new RegexParser(pattern, file);
        RegexNode node = parser.ParseAlternation(default);
        return parser.AtEnd ? node : throw parser.Broken("has a closing parenthesis too many");
    }

    private RegexNode ParseAlternation(RegexFlags flags)
    {
        if (++_depth > MaximumDepth)
            throw Broken($"is nested deeper than {MaximumDepth} levels");
        var options = new List<RegexNode>();
        do
            options.Add(ParseSequence(ref flags));
        while (Take('|'));
        _depth--;
        return options.Count == 1 ? options[0] : new RegexNode.Alternation(options);
    }

    private RegexNode ParseSequence(ref RegexFlags flags)
    {
        var parts = new List<RegexNode>();
        while (!AtEnd && Peek is not ('|' or ')'))
        {
            if (flags.Extended && SkipExtended())
                continue;
            RegexNode? atom = ParseAtom(ref flags, out bool wholeRest);
            if (atom is null)
                continue;
            parts.Add(wholeRest ? atom : ParseQuantifiers(atom, flags));
        }

        return parts.Count == 1 ? parts[0] : new RegexNode.Sequence(parts);
    }

    private bool SkipExtended()
    {
        if (Peek is ' ' or '\t' or '\n' or '\r' or '\f' or '\v')
        {
            _position++;
            return true;
        }

        if (Peek != '#')
            return false;
        int line = _pattern[_position..].IndexOf('\n');
        _position = line < 0 ? _pattern.Length : _position + line;
        return true;
    }

    private RegexNode? ParseAtom(ref RegexFlags flags, out bool wholeRest)
    {
        wholeRest = false;
        char c = Peek;
        switch (c)
        {
            case '(':
                _position++;
                return ParseGroup(ref flags, out wholeRest);
            case '[':
                _position++;
                return new RegexNode.Set(ParseClass(flags, 0));
            case '.':
                _position++;
                return new RegexNode.Set(flags.DotAll ? CodePointSet.All : CodePointSet.Of('\n').Complement());
            case '^':
                _position++;
                return new RegexNode.Anchor(AnchorKind.LineStart);
            case '$':
                _position++;
                return new RegexNode.Anchor(AnchorKind.LineEnd);
            case '\\':
                _position++;
                return ParseEscape(flags);
            case '*' or '+' or '?':
                throw Broken($"has nothing before '{c}' at position {_position}");
            default:
                return Literal(NextRune().Value, flags);
        }
    }

    private RegexNode ParseEscape(RegexFlags flags)
    {
        AnchorKind? anchor = Peek switch
        {
            'A' => AnchorKind.TextStart,
            'z' => AnchorKind.TextEnd,
            'b' => AnchorKind.WordBoundary,
            'B' => AnchorKind.NotWordBoundary,
            _ => null,
        };
        if (anchor is { } kind)
        {
            _position++;
            return new RegexNode.Anchor(kind);
        }

        CodePointSet? set = ParseEscapedClass(flags);
        return set is not null ? new RegexNode.Set(set) : Literal(ParseEscapedCharacter(), flags);
    }

    private readonly RegexNode.Set Literal(int codePoint, RegexFlags flags) =>
        new RegexNode.Set(flags.IgnoreCase ? FoldCase(CodePointSet.Of(codePoint)) : CodePointSet.Of(codePoint));

    private RegexNode? ParseGroup(ref RegexFlags flags, out bool wholeRest)
    {
        wholeRest = false;
        if (!Take('?'))
            return Close(ParseAlternation(flags));
        if (Take("#"))
        {
            while (!AtEnd && Peek != ')')
                _position++;
            Expect(')');
            return null;
        }

        if (Take(":"))
            return Close(ParseAlternation(flags));
        if (Take(">"))
            return Close(new RegexNode.Atomic(ParseAlternation(flags)));
        if (Take("="))
            return Close(new RegexNode.Look(ParseAlternation(flags), Behind: false, Negative: false));
        if (Take("!"))
            return Close(new RegexNode.Look(ParseAlternation(flags), Behind: false, Negative: true));
        if (Take("<="))
            return Close(new RegexNode.Look(ParseAlternation(flags), Behind: true, Negative: false));
        if (Take("<!"))
            return Close(new RegexNode.Look(ParseAlternation(flags), Behind: true, Negative: true));
        if (Take("<"))
        {
            int end = _pattern[_position..].IndexOf('>');
            if (end <= 0)
                throw Broken("has a group name without end");
            _position += end + 1;
            return Close(ParseAlternation(flags));
        }

        RegexFlags inner = ParseFlags(flags);
        if (Take(":"))
            return Close(ParseAlternation(inner));
        Expect(')');

        // Flags on their own hold to the end of the enclosing group, over its alternatives too.
        flags = inner;
        wholeRest = true;
        return ParseAlternation(inner);
    }

    private RegexFlags ParseFlags(RegexFlags flags)
    {
        bool on = true;
        for (; ; _position++)
        {
            switch (Peek)
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    flags = flags with { IgnoreCase = on };
                    break;
                case 'm':
                    flags = flags with { DotAll = on };
                    break;
                case 'x':
                    flags = flags with { Extended = on };
                    break;
                case ':' or ')':
                    return flags;
                default:
                    throw Unsupported($"the group '(?{Peek}'");
            }
        }
    }

    private RegexNode Close(RegexNode node)
    {
        Expect(')');
        return node;
    }

    private RegexNode ParseQuantifiers(RegexNode atom, RegexFlags flags)
    {
        while (true)
        {
            while (flags.Extended && !AtEnd && SkipExtended())
            {
            }

            int minimum;
            int maximum;
            bool interval = false;
            if (Take('*'))
                (minimum, maximum) = (0, -1);
            else if (Take('+'))
                (minimum, maximum) = (1, -1);
            else if (Take('?'))
                (minimum, maximum) = (0, 1);
            else if (Peek == '{' && ParseInterval(out minimum, out maximum))
                interval = true;
            else
                return atom;

            if (interval && minimum == maximum && Peek == '?')
                throw Unsupported("'{n}?'");
            bool greedy = !Take('?');
            // After an interval a plus sign is a quantifier of its own.
            bool possessive = greedy && !interval && Take('+');
            atom = new RegexNode.Repeat(atom, minimum, maximum, greedy);
            if (possessive)
                atom = new RegexNode.Atomic(atom);
        }
    }

    // An opening brace that begins no interval is a character like any other.
    private bool ParseInterval(out int minimum, out int maximum)
    {
        int start = _position++;
        bool hasMinimum = ParseNumber(out minimum);
        maximum = minimum;
        bool hasMaximum = hasMinimum;
        if (Take(','))
        {
            hasMaximum = ParseNumber(out maximum);
            if (!hasMaximum)
                maximum = -1;
        }

        if (!Take('}') || !(hasMinimum || hasMaximum))
        {
            _position = start;
            return false;
        }

        if (minimum > MaximumRepeat || maximum > MaximumRepeat)
            throw Broken($"repeats more than {MaximumRepeat} times");
        return maximum < 0 || maximum >= minimum ? true : throw Broken("has an interval whose end lies before its start");
    }

    private bool ParseNumber(out int value)
    {
        value = 0;
        int start = _position;
        while (char.IsAsciiDigit(Peek))
            value = Math.Min((value * 10) + (_pattern[_position++] - '0'), 1_000_000);
        return _position > start;
    }

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
                escaped = ParseEscapedClass(flags);
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

    private CodePointSet? ParseEscapedClass(RegexFlags flags)
    {
        char c = Peek;
        CodePointSet? set = c switch
        {
            'd' or 'D' => UnicodeTables.RegexDigit(),
            's' or 'S' => UnicodeTables.RegexSpace(),
            'w' or 'W' => UnicodeTables.RegexWord(),
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

    private Rune NextRune()
    {
        Rune.DecodeFromUtf16(_pattern[_position..], out Rune rune, out int length);
        _position += length;
        return rune;
    }

    private bool Take(char c)
    {
        if (AtEnd || _pattern[_position] != c)
            return false;
        _position++;
        return true;
    }

    private bool Take(string text)
    {
        if (!_pattern[_position..].StartsWith(text, StringComparison.Ordinal))
            return false;
        _position += text.Length;
        return true;
    }

    private void Expect(char c)
    {
        if (!Take(c))
            throw Broken($"lacks '{c}' at position {_position}");
    }

    private readonly CheckpointException Broken(string how) =>
        new(_file, $"the regular expression '{Shown()}' {how}.");

    private readonly UnsupportedCheckpointException Unsupported(string what) =>
        new(_file, $"the regular expression '{Shown()}' uses {what}, which is not supported. Supported are groups, alternatives, quantifiers, classes, properties, look-around and atomic groups.");

    private readonly string Shown() => _pattern.Length <= 200 ? _pattern.ToString() : $"{_pattern[..200]}...";

    private readonly record struct RegexFlags(bool IgnoreCase, bool DotAll, bool Extended);
}
