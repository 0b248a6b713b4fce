using RecursiveMas.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>What all layers of one forward call share: extents, positions, masks and rotary angles, each made once and on demand.</summary>
internal sealed class ForwardContext : IDisposable
{
    private readonly ModelCache? _cache;
    private readonly Tensor _positions;
    private readonly Tensor? _keyMask;
    private readonly ScalarType _dtype;
    private readonly Device _device;
    private readonly Dictionary<(int? Window, int FirstKey), Tensor?> _masks = [];
    private readonly Dictionary<RotaryEmbedding, RotaryAngles> _angles = [];

    /// <param name="batch">Rows B.</param>
    /// <param name="length">New positions T of each row.</param>
    /// <param name="mask">[B, T] bool, false at padding; null if there is none among the new positions.</param>
    /// <param name="cache">Earlier positions; null for none.</param>
    /// <param name="rule">How positions are counted.</param>
    /// <param name="dtype">Element type of activations.</param>
    /// <param name="device">Device of activations.</param>
    public ForwardContext(int batch, int length, Tensor? mask, ModelCache? cache, PositionRule rule, ScalarType dtype, Device device)
    {
        (BatchSize, Length, NewMask) = (batch, length, mask);
        (_cache, _dtype, _device) = (cache, dtype, device);
        Past = cache?.Length ?? 0;
        if (mask is not null)
            RefuseInnerPadding(mask);
        _positions = Positions(rule).DetachFromDisposeScope();
        _keyMask = cache is null ? mask : cache.Extend(length, mask);
    }

    public int BatchSize { get; }

    /// <summary>New positions T.</summary>
    public int Length { get; }

    /// <summary>Positions in the cache before this call.</summary>
    public int Past { get; }

    /// <summary>[B, T] bool over the new positions; null without padding among them.</summary>
    public Tensor? NewMask { get; }

    /// <summary>Whether plain causal attention over the new positions alone is all that a layer without window needs.</summary>
    public bool PlainCausal => Past == 0 && _keyMask is null && Length > 1;

    /// <summary>Angles of a rotary embedding at the new positions.</summary>
    public RotaryAngles Angles(RotaryEmbedding rotary)
    {
        if (!_angles.TryGetValue(rotary, out RotaryAngles angles))
        {
            // Made inside some layer's scope, needed by all.
            angles = rotary.At(_positions, _dtype);
            angles.Cos.DetachFromDisposeScope();
            angles.SignedSin.DetachFromDisposeScope();
            _angles.Add(rotary, angles);
        }

        return angles;
    }

    /// <summary>Which key each new position may see.</summary>
    /// <param name="window">Width of the sliding window, itself included; null for none.</param>
    /// <param name="firstKey">Position of the first key that the layer still holds.</param>
    /// <returns>[B or 1, 1, T, S] bool; null if every key may be seen.</returns>
    public Tensor? Mask(int? window, int firstKey = 0)
    {
        if (!_masks.TryGetValue((window, firstKey), out Tensor? mask))
            _masks.Add((window, firstKey), mask = BuildMask(window, firstKey)?.DetachFromDisposeScope());
        return mask;
    }

    public void Dispose()
    {
        _positions.Dispose();
        foreach (Tensor? mask in _masks.Values)
            mask?.Dispose();
        foreach (RotaryAngles angles in _angles.Values)
        {
            angles.Cos.Dispose();
            angles.SignedSin.Dispose();
        }
    }

    // A state decays and a convolution shifts at every position: behind real ones, padding is never without effect.
    private void RefuseInnerPadding(Tensor mask)
    {
        using var scope = NewDisposeScope();
        Tensor begun = _cache?.RealCounts is { } counts ? counts.ne(0) : full([BatchSize, 1], Past > 0, @bool, mask.device); // [B, 1]
        Tensor before = Length > 1 ? cat([begun, mask.narrow(1, 0, Length - 1)], 1) : begun; // [B, T]
        if (before.logical_and(mask.logical_not()).any().ToBoolean())
            throw new InvalidOptionException(nameof(mask), "A row has padding after real positions. Only padding at the start of a row, on the left, leaves its results as they are.");
    }

    private Tensor? BuildMask(int? window, int firstKey)
    {
        int keys = Past + Length - firstKey;
        bool windowCuts = window is { } width && keys > width;
        if (Length == 1 && !windowCuts && _keyMask is null)
            return null;
        Tensor queryAt = arange(Past, Past + Length, int64, _device).unsqueeze(1); // [T, 1]
        Tensor keyAt = arange(firstKey, Past + Length, int64, _device).unsqueeze(0); // [1, S]
        Tensor sees = keyAt <= queryAt; // [T, S]
        if (window is { } w)
            sees = sees.logical_and(keyAt > queryAt - w);
        if (_keyMask is null)
            return sees.unsqueeze(0).unsqueeze(0);
        Tensor real = _keyMask.narrow(1, firstKey, keys).unsqueeze(1); // [B, 1, S]
        // A padded row sees itself: a softmax over nothing is NaN, and one NaN spreads to real rows.
        return sees.logical_and(real).logical_or(keyAt == queryAt).unsqueeze(1); // [B, 1, T, S]
    }

    private Tensor Positions(PositionRule rule)
    {
        Tensor? counts = _cache?.RealCounts;
        if (rule == PositionRule.RowIndex || (NewMask is null && counts is null))
            return arange(Past, Past + Length, int64, _device);
        Tensor steps = NewMask is null
            ? ones([BatchSize, Length], int64, _device).cumsum(1)
            : NewMask.to_type(ScalarType.Int64).cumsum(1);
        Tensor before = counts is null ? full([BatchSize, 1], Past, int64, _device) : counts;
        return (before + steps - 1).clamp_min(0); // [B, T]
    }
}
