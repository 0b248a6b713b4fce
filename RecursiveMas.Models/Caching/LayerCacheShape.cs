using RecursiveMas.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>What a layer keeps of earlier positions, as its configuration tells it.</summary>
internal abstract record LayerCacheShape
{
    /// <summary>An empty cache.</summary>
    /// <param name="capacity">Positions to make room for at first.</param>
    public abstract LayerCache Create(int capacity);

    /// <summary>Bytes that the cache takes once it was made for, and has read, so many positions.</summary>
    /// <param name="rows">Rows B.</param>
    /// <param name="positions">Positions of each row.</param>
    /// <param name="elementSize">Bytes of an element of the model's dtype.</param>
    public abstract long Bytes(long rows, long positions, int elementSize);
}

/// <summary>Keys and values of softmax attention.</summary>
internal sealed record KeyValueCacheShape(AttentionSizes Sizes, int? Window) : LayerCacheShape
{
    public override LayerCache Create(int capacity) => new KeyValueCache(capacity, Window);

    public override long Bytes(long rows, long positions, int elementSize) =>
        2 * rows * Sizes.KeyValueHeads * Sizes.HeadSize * elementSize * (Window is { } window ? Math.Min(positions, KeyValueCache.MostRoom(window)) : positions);
}

/// <summary>Convolution columns and state of a gated delta layer.</summary>
internal sealed record GatedDeltaCacheShape(GatedDeltaSizes Sizes) : LayerCacheShape
{
    public override LayerCache Create(int capacity) => new GatedDeltaCache();

    public override long Bytes(long rows, long positions, int elementSize) => rows * (
        ((long)(Sizes.Kernel - 1) * Sizes.Channels * elementSize)
        + ((long)Sizes.ValueHeads * Sizes.KeySize * Sizes.ValueSize * sizeof(float)));
}
