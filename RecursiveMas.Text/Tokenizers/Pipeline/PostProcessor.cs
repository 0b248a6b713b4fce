namespace RecursiveMas.Tokenizers.Pipeline;

/// <summary>What is done to the tokens of a text: special tokens around them, and white space cut off their offsets.</summary>
/// <param name="templates">One after another around the text; each has ids of special tokens, and null for the text.</param>
internal sealed class PostProcessor(IReadOnlyList<IReadOnlyList<int[]?>> templates)
{
    public static PostProcessor None { get; } = new([]);

    /// <summary>Whether white space at the ends of tokens is left out of their offsets.</summary>
    public bool TrimsOffsets { get; init; }

    /// <summary>Whether one space before a token is kept in its offsets' count as put there by the tokenizer.</summary>
    public bool AddsPrefixSpace { get; init; }

    /// <summary>How many special tokens are put around a text.</summary>
    public int SpecialCount => templates.Sum(template => template.Sum(piece => piece?.Length ?? 0));

    /// <summary>The tokens of a text with what belongs around them.</summary>
    public List<T> Around<T>(List<T> tokens, bool addSpecialTokens, Func<int, T> special)
    {
        foreach (IReadOnlyList<int[]?> template in templates)
        {
            var next = new List<T>(tokens.Count + template.Count);
            foreach (int[]? piece in template)
            {
                if (piece is null)
                    next.AddRange(tokens);
                else if (addSpecialTokens)
                    next.AddRange(piece.Select(special));
            }

            tokens = next;
        }

        return tokens;
    }
}
