namespace RecursiveMas.Configuration;

/// <summary>Extents of a gated delta layer.</summary>
/// <param name="KeyHeads">Heads of queries and keys; each serves consecutive value heads.</param>
/// <param name="ValueHeads">Heads of values, gates and states.</param>
/// <param name="KeySize">Channels of a query or key head.</param>
/// <param name="ValueSize">Channels of a value head.</param>
/// <param name="Kernel">Taps of the convolution.</param>
internal readonly record struct GatedDeltaSizes(int KeyHeads, int ValueHeads, int KeySize, int ValueSize, int Kernel)
{
    /// <summary>All queries or all keys.</summary>
    public int Keys => KeyHeads * KeySize;

    /// <summary>All values.</summary>
    public int Values => ValueHeads * ValueSize;

    /// <summary>What passes through the convolution: queries, keys, values.</summary>
    public int Channels => (2 * Keys) + Values;
}
