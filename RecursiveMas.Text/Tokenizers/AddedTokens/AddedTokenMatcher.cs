using System.Buffers;

namespace RecursiveMas.Tokenizers.AddedTokens;

/// <summary>Finds added tokens in text: the leftmost, and of those that begin there the longest. A tree of their characters.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly List<(AddedToken Token, int Id, int Length)> _tokens = [];

    // Child of a node at a character; node 0 is the root.
    private readonly Dictionary<(int Node, char Next), int> _children = [];

    // Index of the token that ends at a node, or -1.
    private readonly List<int> _ends = [-1];
    private readonly SearchValues<char> _firsts;

    /// <param name="tokens">Pattern to look for, token and id. Of equal patterns the first counts.</param>
    public AddedTokenMatcher(IEnumerable<(string Pattern, AddedToken Token, int Id)> tokens)
    {
        foreach ((string pattern, AddedToken token, int id) in tokens.Where(entry => entry.Pattern.Length > 0))
            Add(pattern, token, id);
        _firsts = SearchValues.Create([.. _children.Keys.Where(key => key.Node == 0).Select(key => key.Next)]);
    }

    public bool IsEmpty => _tokens.Count == 0;

    /// <summary>The next match at or after <paramref name="position"/>; the result is the index of the token, or -1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">Where to begin.</param>
    /// <param name="allowed">Whether a special token may be found in a range of the text.</param>
    /// <param name="start">Where the match begins.</param>
    public int Find(ReadOnlySpan<char> text, int position, RangeFilter allowed, out int start)
    {
        for (; position < text.Length; position++)
        {
            int skip = text[position..].IndexOfAny(_firsts);
            if (skip < 0)
                break;
            position += skip;
            int found = -1;
            int node = 0;
            for (int i = position; i < text.Length && _children.TryGetValue((node, text[i]), out node); i++)
            {
                int token = _ends[node];
                if (token >= 0 && (!_tokens[token].Token.Special || allowed.Allows(position, i + 1)))
                    found = token;
            }

            if (found < 0)
                continue;
            start = position;
            return found;
        }

        start = text.Length;
        return -1;
    }

    public AddedToken Token(int index) => _tokens[index].Token;

    public int Id(int index) => _tokens[index].Id;

    public int Length(int index) => _tokens[index].Length;

    private void Add(string pattern, AddedToken token, int id)
    {
        int node = 0;
        foreach (char c in pattern)
        {
            if (!_children.TryGetValue((node, c), out int child))
            {
                child = _ends.Count;
                _children.Add((node, c), child);
                _ends.Add(-1);
            }

            node = child;
        }

        if (_ends[node] >= 0)
            return;
        _ends[node] = _tokens.Count;
        _tokens.Add((token, id, pattern.Length));
    }
}
