using RecursiveMas.Tokenizers.Bpe;

namespace RecursiveMas.Tokenizers.AddedTokens;

/// <summary>The added tokens of a tokenizer with the ids that the reference engine gives them.</summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _tokens = [];
    private readonly List<AddedToken> _order = [];
    private int _largest = -1;

    /// <param name="tokens">
    /// In the order of the file; the ids that stand there are not used: a token of the vocabulary keeps its id, others follow after it.
    /// </param>
    /// <param name="vocabulary">The model's tokens.</param>
    public AddedVocabulary(IEnumerable<AddedToken> tokens, Vocabulary vocabulary)
    {
        foreach (AddedToken token in tokens)
            Add(token, vocabulary);
    }

    public IReadOnlyDictionary<string, int> Ids => _ids;

    public IReadOnlyDictionary<int, AddedToken> Tokens => _tokens;

    /// <summary>Contents of special tokens: a token of the model with such a text counts as special too.</summary>
    public HashSet<string> SpecialContents { get; } = new(StringComparer.Ordinal);

    public AddedTokenMatcher Matcher(bool normalized, Func<string, string> pattern) =>
        new(_order.OrderByDescending(token => token.Special)
            .Where(token => token.Normalized == normalized)
            .Select(token => (pattern(token.Content), _tokens[_ids[token.Content]], _ids[token.Content])));

    private void Add(AddedToken token, Vocabulary vocabulary)
    {
        bool known = _ids.TryGetValue(token.Content, out int id);
        if (token.Content.Length == 0 || (known && _tokens[id] == token))
            return;
        if (!known)
        {
            id = vocabulary.Find(token.Content);
            if (id < 0)
                id = _largest >= vocabulary.Count || (vocabulary.Count == 0 && _largest >= 0) ? _largest + 1 : vocabulary.Count;
        }

        _ids[token.Content] = id;
        _tokens[id] = token;
        _largest = Math.Max(_largest, id);
        _order.Add(token);
        if (token.Special)
            SpecialContents.Add(token.Content);
    }
}
