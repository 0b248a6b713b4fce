using System.Buffers;

namespace RecursiveMas.Tokenizers;

/// <summary>Finds added tokens in text: the leftmost, and of those that begin there the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly (AddedToken Token, int Id)[] _tokens;

    // Of each first unit: a range of _order, in which longer patterns come first.
    private readonly Dictionary<char, (int From, int To)> _byFirst = [];
    private readonly string[] _patterns;
    private readonly SearchValues<char> _firsts;

    /// <param name="tokens">Pattern to look for, token and id. Of equal patterns the first counts.</param>
    public AddedTokenMatcher(IEnumerable<(string Pattern, AddedToken Token, int Id)> tokens)
    {
        (string Pattern, AddedToken Token, int Id)[] sorted =
        [
            .. tokens.Where(entry => entry.Pattern.Length > 0)
                .DistinctBy(entry => entry.Pattern, StringComparer.Ordinal)
                .OrderBy(entry => entry.Pattern[0])
                .ThenByDescending(entry => entry.Pattern.Length)
        ];
        _tokens = [.. sorted.Select(entry => (entry.Token, entry.Id))];
        _patterns = [.. sorted.Select(entry => entry.Pattern)];
        for (int i = 0; i < _patterns.Length; i++)
        {
            char first = _patterns[i][0];
            _byFirst[first] = (_byFirst.TryGetValue(first, out (int From, int To) range) ? range.From : i, i + 1);
        }

        _firsts = SearchValues.Create([.. _byFirst.Keys]);
    }

    public bool IsEmpty => _patterns.Length == 0;

    /// <summary>Whether any of the tokens is special.</summary>
    public bool HasSpecial => Array.Exists(_tokens, entry => entry.Token.Special);

    /// <summary>The next match at or after <paramref name="position"/>; the result is the index of the token, or -1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">Where to begin.</param>
    /// <param name="allowed">Whether a special token may be found in this range of the text.</param>
    /// <param name="start">Where the match begins.</param>
    public int Find(ReadOnlySpan<char> text, int position, RangeFilter allowed, out int start)
    {
        while (position < text.Length)
        {
            int skip = text[position..].IndexOfAny(_firsts);
            if (skip < 0)
                break;
            position += skip;
            (int from, int to) = _byFirst[text[position]];
            for (int i = from; i < to; i++)
            {
                if (text[position..].StartsWith(_patterns[i], StringComparison.Ordinal)
                    && (!_tokens[i].Token.Special || allowed.Allows(position, position + _patterns[i].Length)))
                {
                    start = position;
                    return i;
                }
            }

            position++;
        }

        start = text.Length;
        return -1;
    }

    public AddedToken Token(int index) => _tokens[index].Token;

    public int Id(int index) => _tokens[index].Id;

    public int Length(int index) => _patterns[index].Length;
}
