namespace RecursiveMas.Tokenizers.AddedTokens;

/// <summary>A token that is found in the text before the model sees it.</summary>
internal sealed record AddedToken(string Content)
{
    /// <summary>Longer contents are refused: each place of a text may have to be compared with them.</summary>
    public const int LongestContent = 4096;

    public bool Special { get; init; }

    /// <summary>Found in the normalised text instead of the original.</summary>
    public bool Normalized { get; init; }

    /// <summary>Takes the white space before it along.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Takes the white space after it along.</summary>
    public bool StripRight { get; init; }

    /// <summary>Not found inside a word.</summary>
    public bool SingleWord { get; init; }
}
