namespace RecursiveMas.Tokenizers.Pipeline;

/// <summary>Truncation and padding that a tokenizer.json asks for on every encoding.</summary>
internal sealed record LengthRules
{
    public static LengthRules None { get; } = new();

    /// <summary>Most tokens of a text, special ones included; null for any number.</summary>
    public int? MaxLength { get; init; }

    public bool TruncatesLeft { get; init; }

    public bool Pads { get; init; }

    public bool PadsLeft { get; init; }

    public int PadId { get; init; }

    /// <summary>Fewest tokens of a padded text; null for no more than it has.</summary>
    public int? PaddedLength { get; init; }

    /// <summary>A padded length is a multiple of this; 0 for any length.</summary>
    public int PaddedMultiple { get; init; }

    /// <summary>Cuts tokens so that they and the special ones fit.</summary>
    public List<T> Truncate<T>(List<T> tokens, int specialCount)
    {
        if (MaxLength is not { } longest)
            return tokens;
        int kept = Math.Max(longest - specialCount, 0);
        if (tokens.Count <= kept)
            return tokens;
        return TruncatesLeft ? tokens[^kept..] : tokens[..kept];
    }

    public List<T> Pad<T>(List<T> tokens, Func<int, T> special)
    {
        if (!Pads)
            return tokens;
        int width = Math.Max(PaddedLength ?? 0, tokens.Count);
        if (PaddedMultiple > 0)
            width = (width + PaddedMultiple - 1) / PaddedMultiple * PaddedMultiple;
        IEnumerable<T> fill = Enumerable.Repeat(special(PadId), width - tokens.Count);
        return PadsLeft ? [.. fill, .. tokens] : [.. tokens, .. fill];
    }
}
