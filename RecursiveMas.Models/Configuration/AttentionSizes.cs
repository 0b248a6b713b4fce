namespace RecursiveMas.Configuration;

/// <summary>Extents of softmax attention.</summary>
/// <param name="QueryHeads">Number of query heads.</param>
/// <param name="KeyValueHeads">Number of key and value heads; each serves consecutive query heads.</param>
/// <param name="HeadSize">Channels of a head.</param>
internal readonly record struct AttentionSizes(int QueryHeads, int KeyValueHeads, int HeadSize)
{
    /// <summary>Query heads that share a key head.</summary>
    public int Group => QueryHeads / KeyValueHeads;
}
