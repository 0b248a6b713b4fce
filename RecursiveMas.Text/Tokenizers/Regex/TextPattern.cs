namespace RecursiveMas.Tokenizers.Regex;

/// <summary>What a Replace or Split looks for: a literal text or a regular expression.</summary>
internal sealed class TextPattern
{
    private readonly TokenizerRegex? _regex;

    private TextPattern(string? literal, TokenizerRegex? regex)
    {
        Literal = literal;
        _regex = regex;
    }

    public string? Literal { get; }

    public static TextPattern OfLiteral(string text) => new(text, null);

    public static TextPattern OfRegex(string pattern, string file) => new(null, TokenizerRegex.Compile(pattern, file));

    /// <summary>The matches from left to right.</summary>
    public Enumerator Matches(ReadOnlySpan<char> text) => new(this, text);

    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<char> _text;
        private readonly string? _literal;
        private TokenizerRegex.MatchEnumerator _matches;
        private int _position;

        internal Enumerator(TextPattern pattern, ReadOnlySpan<char> text)
        {
            _text = text;
            _literal = pattern.Literal;
            if (pattern._regex is not null)
                _matches = pattern._regex.Matches(text);
        }

        public (int Start, int End) Current { get; private set; }

        public readonly Enumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_literal is null)
            {
                bool found = _matches.MoveNext();
                Current = found ? (_matches.Start, _matches.End) : default;
                return found;
            }

            if (_literal.Length == 0)
                return false;
            int at = _text[_position..].IndexOf(_literal, StringComparison.Ordinal);
            if (at < 0)
                return false;
            Current = (_position + at, _position + at + _literal.Length);
            _position = Current.End;
            return true;
        }
    }
}
