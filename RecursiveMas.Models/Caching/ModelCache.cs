using RecursiveMas.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>What a model remembers of the positions that it has read: keys, values, recurrent states, and which positions were padding.</summary>
/// <remarks>
/// State of one request; not safe for concurrent calls. Belongs to no dispose scope. After a forward call that failed midway its
/// layers disagree: discard it.
/// </remarks>
public sealed class ModelCache : IDisposable
{
    private readonly LayerCache[] _layers;
    // Per marked length a copy of each layer that cannot go back by itself.
    private readonly SortedDictionary<int, LayerCache?[]> _marks = [];
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

    /// <summary>Remembers the present length, so that <see cref="Rewind"/> can return to it, as often as wanted, whatever layers the model has.</summary>
    /// <remarks>Cheap: memory is shared with the cache until that goes on.</remarks>
    public void Mark()
    {
        using var mode = inference_mode(true);
        Unmark(Length);
        _marks.Add(Length, [.. _layers.Select(layer => layer.RewindsAnywhere ? null : layer.Fork())]);
    }

    /// <summary>A copy that goes its own way from here, to try several continuations of one prompt. Its present length is marked, and marks are copied.</summary>
    /// <remarks>Cheap: memory is shared until either of the two goes on.</remarks>
    public ModelCache Fork()
    {
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        var fork = new ModelCache(BatchSize, Positions, _layers.Select(layer => layer.Fork()))
        {
            Length = Length,
            _keyMask = _keyMask?.clone().DetachFromDisposeScope(),
            _realCounts = _realCounts?.clone().DetachFromDisposeScope(),
        };
        foreach ((int length, LayerCache?[] mark) in _marks)
            fork._marks.Add(length, [.. mark.Select(layer => layer?.Fork())]);
        fork.Mark();
        return fork;
    }

    /// <summary>
    /// Forgets everything from a position on. Softmax layers without a window can return to any length; recurrent layers, and sliding
    /// windows that have moved on, only to 0 and to lengths that were marked (see <see cref="Mark"/>).
    /// </summary>
    /// <param name="length">Positions to keep, padding included.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or more than is held.</exception>
    /// <exception cref="InvalidOptionException">A layer cannot return to that length; nothing is forgotten.</exception>
    public void Rewind(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        if (length == Length)
            return;
        _marks.TryGetValue(length, out LayerCache?[]? mark);
        if (mark is null && !Array.TrueForAll(_layers, layer => layer.CanRewind(length)))
        {
            string marked = string.Join(", ", new[] { 0 }.Union(_marks.Keys));
            throw new InvalidOptionException(nameof(length), $"This model has layers whose memory cannot be cropped to {length} of {Length} positions. They can return to: {marked}. Call {nameof(Mark)} where you will want to return to.");
        }

        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        for (int i = 0; i < _layers.Length; i++)
        {
            if (mark?[i] is { } copy)
            {
                _layers[i].Dispose();
                _layers[i] = copy.Fork();
            }
            else
            {
                _layers[i].Rewind(length);
            }
        }

        foreach (int later in _marks.Keys.Where(marked => marked > length).ToArray())
            Unmark(later);
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
        foreach (int length in _marks.Keys.ToArray())
            Unmark(length);
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

    private void Unmark(int length)
    {
        if (!_marks.Remove(length, out LayerCache?[]? mark))
            return;
        foreach (LayerCache? layer in mark)
            layer?.Dispose();
    }

    private static Tensor Counted(Tensor mask) => mask.to_type(ScalarType.Int64).sum([1], keepdim: true); // [B, 1]

    private static void Replace(ref Tensor? field, Tensor value)
    {
        field?.Dispose();
        field = value.DetachFromDisposeScope();
    }
}
