namespace RecursiveMas.Tokenizers.PreTokenizers;

/// <summary>Cuts pieces of text into smaller ones, and may rewrite the text. Immutable.</summary>
internal abstract class PiecePreTokenizer
{
    /// <summary>Whether it must know where the text stands in the source.</summary>
    public virtual bool NeedsOrigin => false;

    public abstract void Apply(PieceList pieces);
}

internal enum SplitBehavior
{
    Isolated,
    Removed,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}
