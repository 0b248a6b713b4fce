using RecursiveMas.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>What a model remembers of the positions that it has read: keys and values, and which of them were padding.</summary>
/// <remarks>State of one request; not safe for concurrent calls. Belongs to no dispose scope.</remarks>
public sealed class ModelCache : IDisposable
{
    private readonly LayerCache[] _layers;
    private Tensor? _keyMask;
    private Tensor? _realCounts;

    internal ModelCache(int batchSize, PositionRule positions, IEnumerable<LayerCache> layers)
    {
        BatchSize = batchSize;
        Positions = positions;
        _layers = [.. layers];
    }

    /// <summary>Rows B of the batch.</summary>
    public int BatchSize { get; }

    /// <summary>How positions are counted; fixed, because rotated keys depend on it.</summary>
    public PositionRule Positions { get; }

    /// <summary>Positions held, padding included.</summary>
    public int Length { get; private set; }

    internal IReadOnlyList<LayerCache> Layers => _layers;

    /// <summary>[B, Length] bool, false at padding; null if there is none.</summary>
    internal Tensor? KeyMask => _keyMask;

    /// <summary>[B, 1] int64: positions that are no padding; null while that is <see cref="Length"/> in every row.</summary>
    internal Tensor? RealCounts => _realCounts;

    /// <summary>A copy that goes its own way from here, to try several continuations of one prompt.</summary>
    public ModelCache Fork()
    {
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        return new ModelCache(BatchSize, Positions, _layers.Select(layer => layer.Fork()))
        {
            Length = Length,
            _keyMask = _keyMask?.clone().DetachFromDisposeScope(),
            _realCounts = _realCounts?.clone().DetachFromDisposeScope(),
        };
    }

    /// <summary>Forgets everything from a position on.</summary>
    /// <param name="length">Positions to keep, padding included.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or more than is held.</exception>
    public void Rewind(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        foreach (LayerCache layer in _layers)
            layer.Rewind(length);
        Length = length;
        if (_keyMask is not null)
        {
            Replace(ref _keyMask, _keyMask.narrow(1, 0, length).clone());
            Replace(ref _realCounts, Counted(_keyMask!));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LayerCache layer in _layers)
            layer.Dispose();
        _keyMask?.Dispose();
        _realCounts?.Dispose();
        _keyMask = _realCounts = null;
    }

    /// <summary>Notes new positions before the layers append theirs.</summary>
    /// <param name="added">New positions of each row.</param>
    /// <param name="mask">[B, added] bool, false at padding; null if there is none among them.</param>
    /// <returns>The mask over all positions, [B, Length] bool, or null; it stays the cache's.</returns>
    internal Tensor? Extend(int added, Tensor? mask)
    {
        int before = Length;
        Length += added;
        if (mask is null && _keyMask is null)
            return null;
        using var scope = NewDisposeScope();
        Device device = (mask ?? _keyMask!).device;
        Tensor earlier = _keyMask ?? ones([BatchSize, before], @bool, device);
        Replace(ref _keyMask, cat([earlier, mask ?? ones([BatchSize, added], @bool, device)], 1));
        Replace(ref _realCounts, Counted(_keyMask!));
        return _keyMask;
    }

    private static Tensor Counted(Tensor mask) => mask.to_type(ScalarType.Int64).sum([1], keepdim: true); // [B, 1]

    private static void Replace(ref Tensor? field, Tensor value)
    {
        field?.Dispose();
        field = value.DetachFromDisposeScope();
    }
}
