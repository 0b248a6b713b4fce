using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Regex;

/// <summary>
/// A regular expression of a tokenizer file. Matching follows the engine that tokenizers use, its Unicode tables included, and costs linear time.
/// </summary>
internal sealed class TokenizerRegex
{
    private readonly RegexDfa? _table;
    private readonly RegexBacktracker _backtracker;

    private TokenizerRegex(RegexDfa? table, RegexBacktracker backtracker)
    {
        _table = table;
        _backtracker = backtracker;
    }

    public bool HasTable => _table is not null;

    /// <exception cref="CheckpointException">The pattern is damaged or uses something that is not supported.</exception>
    public static TokenizerRegex Compile(string pattern, string file, bool useTable = true)
    {
        const int longest = 20_000;
        if (pattern.Length > longest)
            throw new CheckpointException(file, $"a regular expression has {pattern.Length:N0} characters, more than the {longest:N0} that are allowed.");
        RegexProgram program = RegexProgram.Compile(RegexParser.Parse(pattern, file), file);
        return new TokenizerRegex(useTable ? RegexDfa.TryBuild(program) : null, new RegexBacktracker(program));
    }

    /// <summary>The matches from left to right, as <c>foreach</c> over (start, end).</summary>
    public MatchEnumerator Matches(ReadOnlySpan<char> text) => new(this, text);

    public ref struct MatchEnumerator
    {
        private readonly TokenizerRegex _regex;
        private readonly ReadOnlySpan<char> _text;
        private readonly long _budget;
        private RegexBacktracker.Memory? _memory;
        private long _steps;
        private int _position;
        private int _lastEnd;

        internal MatchEnumerator(TokenizerRegex regex, ReadOnlySpan<char> text)
        {
            _regex = regex;
            _text = text;
            _lastEnd = -1;

            // A table may read far beyond each match; a text on which that adds up is handed to the engine that remembers.
            _budget = 32L * (text.Length + 64L);
            _memory = regex._table is null ? new RegexBacktracker.Memory() : null;
        }

        public int Start { get; private set; }

        public int End { get; private set; }

        public bool MoveNext()
        {
            while (_position <= _text.Length)
            {
                int start = _position;
                int end = MatchAt(start);
                if (end > start || (end == start && end != _lastEnd))
                {
                    Start = start;
                    End = end;
                    _lastEnd = end;
                    _position = end;
                    return true;
                }

                // An empty match right after the last one does not count.
                if (start == _text.Length)
                    break;
                Utf16.CodePointAt(_text, start, out int length);
                _position += length;
            }

            _position = _text.Length + 1;
            return false;
        }

        private int MatchAt(int start)
        {
            if (_memory is null)
            {
                int end = _regex._table!.Match(_text, start, ref _steps);
                if (_steps > _budget)
                    _memory = new RegexBacktracker.Memory();
                return end;
            }

            return _regex._backtracker.Match(_text, start, _memory);
        }
    }
}
