using RecursiveMas.Configuration;

namespace RecursiveMas.Layers;

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
    public int Group => Sizes.Group;

    /// <summary>Heads that q_proj makes: queries, and gates where there are any.</summary>
    public int ProjectedHeads => Gated ? 2 * QueryHeads : QueryHeads;

    /// <summary>Heads side by side after the projections: queries, gates where there are any, keys, values.</summary>
    public int JoinedHeads => ProjectedHeads + (2 * KeyValueHeads);
}
