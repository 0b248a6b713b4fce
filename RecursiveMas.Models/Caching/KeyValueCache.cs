using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>Keys and values of a softmax layer, in buffers [B, KV, capacity, D] that are written in place.</summary>
internal sealed class KeyValueCache : LayerCache
{
    private Tensor? _keys;
    private Tensor? _values;
    private int _capacity;

    /// <param name="capacity">Positions to make room for at first; more are made as needed.</param>
    public KeyValueCache(int capacity) => _capacity = Math.Max(capacity, 1);

    /// <summary>Positions held.</summary>
    public int Length { get; private set; }

    /// <summary>Adds new positions and returns everything held, as views that the next append may overwrite only beyond their end.</summary>
    /// <param name="keys">[B, KV, T, D], after norms and rotation.</param>
    /// <param name="values">[B, KV, T, D].</param>
    /// <returns>Keys and values [B, KV, S, D] and the position of the first of them.</returns>
    public (Tensor Keys, Tensor Values, int FirstKey) Append(Tensor keys, Tensor values)
    {
        int added = (int)keys.size(2), total = Length + added;
        if (_keys is null || total > _capacity)
            Grow(keys, total);
        using (var scope = NewDisposeScope())
        {
            _keys!.narrow(2, Length, added).copy_(keys);
            _values!.narrow(2, Length, added).copy_(values);
        }

        Length = total;
        return (_keys!.narrow(2, 0, total), _values!.narrow(2, 0, total), 0);
    }

    public override LayerCache Fork()
    {
        var fork = new KeyValueCache(_capacity) { Length = Length };
        if (_keys is not null)
        {
            fork._keys = _keys.clone().DetachFromDisposeScope();
            fork._values = _values!.clone().DetachFromDisposeScope();
        }

        return fork;
    }

    public override void Rewind(int length) => Length = Math.Min(Length, length);

    public override void Dispose()
    {
        _keys?.Dispose();
        _values?.Dispose();
        _keys = _values = null;
    }

    private void Grow(Tensor like, int needed)
    {
        if (_keys is not null)
            _capacity *= 2;
        _capacity = Math.Max(_capacity, needed);
        using var scope = NewDisposeScope();
        Tensor keys = empty([like.size(0), like.size(1), _capacity, like.size(3)], like.dtype, like.device);
        Tensor values = empty_like(keys);
        if (_keys is not null && Length > 0)
        {
            keys.narrow(2, 0, Length).copy_(_keys.narrow(2, 0, Length));
            values.narrow(2, 0, Length).copy_(_values!.narrow(2, 0, Length));
        }

        _keys?.Dispose();
        _values?.Dispose();
        _keys = keys.DetachFromDisposeScope();
        _values = values.DetachFromDisposeScope();
    }
}
