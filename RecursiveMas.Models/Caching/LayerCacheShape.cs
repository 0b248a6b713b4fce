using RecursiveMas.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>What a layer keeps of a row's earlier positions, as its configuration tells it.</summary>
internal abstract record LayerCacheShape
{
    /// <summary>What makes the empty caches of one layer, given how many positions to allocate at first; 0 to follow the first call.</summary>
    /// <param name="dtype">Element type of the model.</param>
    /// <param name="device">Device of the model.</param>
    /// <param name="shared">Whether rows share memory, so that a step may serve many of them at once.</param>
    public abstract Func<int, LayerCache> Maker(ScalarType dtype, Device device, bool shared);

    /// <summary>Bytes that the cache takes once it was made for, and has read, so many positions.</summary>
    /// <param name="positions">Positions of the row.</param>
    /// <param name="elementSize">Bytes of an element of the model's dtype.</param>
    public abstract long Bytes(long positions, int elementSize);
}

/// <summary>Keys and values of softmax attention.</summary>
internal sealed record KeyValueCacheShape(AttentionSizes Sizes, int? Window) : LayerCacheShape
{
    /// <summary>Positions that a buffer behind a window has at most: a quarter beyond the window, so that it is moved only now and then.</summary>
    public static int MostCapacity(int window) => (int)Math.Min((long)window + Math.Max(window / 4, 32), int.MaxValue);

    public override Func<int, LayerCache> Maker(ScalarType dtype, Device device, bool shared)
    {
        var pool = new KeyValuePool(Sizes, dtype, device, shared);
        return capacity => new KeyValueCache(this, capacity, pool);
    }

    public override long Bytes(long positions, int elementSize) =>
        2L * Sizes.KeyValueHeads * Sizes.HeadSize * elementSize * (Window is { } window ? Math.Min(positions, MostCapacity(window)) : positions);
}

/// <summary>Convolution columns and state of a gated delta layer.</summary>
internal sealed record GatedDeltaCacheShape(GatedDeltaSizes Sizes) : LayerCacheShape
{
    public override Func<int, LayerCache> Maker(ScalarType dtype, Device device, bool shared) => _ => new GatedDeltaCache(Sizes, dtype, device);

    public override long Bytes(long positions, int elementSize) =>
        ((long)(Sizes.Kernel - 1) * Sizes.Channels * elementSize)
        + ((long)Sizes.ValueHeads * Sizes.KeySize * Sizes.ValueSize * sizeof(float));
}
