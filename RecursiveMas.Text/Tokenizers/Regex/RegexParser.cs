using System.Text;
using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Regex;

/// <summary>Reads the syntax of the regular expressions in tokenizer files (Oniguruma's, Ruby flavour) and refuses by name what is not supported.</summary>
internal ref partial struct RegexParser
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

        CodePointSet? set = ParseEscapedClass(flags, inBrackets: false);
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
        new(_file, $"the regular expression '{Shown()}' uses {what}, which is not supported. Supported are groups, alternatives, quantifiers, classes, " +
            "properties, look-around and atomic groups.");

    private readonly string Shown() => _pattern.Length <= 200 ? _pattern.ToString() : $"{_pattern[..200]}...";

    private readonly record struct RegexFlags(bool IgnoreCase, bool DotAll, bool Extended);
}
