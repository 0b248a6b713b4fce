namespace RecursiveMas.Layers;

/// <summary>Extents of softmax attention.</summary>
/// <param name="QueryHeads">Number of query heads.</param>
/// <param name="KeyValueHeads">Number of key and value heads; each serves consecutive query heads.</param>
/// <param name="HeadSize">Channels of a head.</param>
internal readonly record struct AttentionSizes(int QueryHeads, int KeyValueHeads, int HeadSize);

/// <summary>What one softmax attention layer computes.</summary>
/// <param name="Sizes">Heads and channels.</param>
/// <param name="Window">Width of the sliding window, itself included; null for none.</param>
/// <param name="SoftCap">Cap of the scores; null for none.</param>
/// <param name="Gated">Whether q_proj makes [query, gate] for each head, and the gate's sigmoid multiplies the result.</param>
internal sealed record AttentionShape(AttentionSizes Sizes, int? Window = null, SoftCap? SoftCap = null, bool Gated = false)
{
    public int QueryHeads => Sizes.QueryHeads;

    public int KeyValueHeads => Sizes.KeyValueHeads;

    public int HeadSize => Sizes.HeadSize;

    /// <summary>Query heads that share a key head.</summary>
    public int Group => QueryHeads / KeyValueHeads;
}
