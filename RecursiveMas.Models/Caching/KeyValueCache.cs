using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>Keys and values of a softmax layer, in buffers [B, KV, room, D] that are written in place; behind a window, only what it can still see.</summary>
internal sealed class KeyValueCache : LayerCache
{
    private readonly int? _window;
    private Tensor? _keys;
    private Tensor? _values;
    private int _room;
    private int _first;
    private bool _borrowed;
    private bool _lent;

    /// <param name="capacity">Positions to make room for at first; more are made as needed.</param>
    /// <param name="window">Width of the sliding window, itself included; null for none.</param>
    public KeyValueCache(int capacity, int? window = null)
    {
        _window = window;
        _room = Math.Max(window is { } width ? Math.Min(capacity, MostRoom(width)) : capacity, 1);
    }

    /// <summary>Positions read, whether they are still held or not.</summary>
    public int Length { get; private set; }

    public override bool RewindsAnywhere => _window is null;

    /// <summary>Positions that a buffer behind a window has at most: a quarter beyond the window, so that it is tidied up only now and then.</summary>
    public static int MostRoom(int window) => (int)Math.Min((long)window + Math.Max(window / 4, 32), int.MaxValue);

    /// <summary>Adds new positions and returns all that they may see.</summary>
    /// <param name="keys">[B, KV, T, D], after norms and rotation.</param>
    /// <param name="values">[B, KV, T, D].</param>
    /// <returns>Keys and values [B, KV, S, D], views that the next call may overwrite only beyond their end, and the position of the first of them.</returns>
    public (Tensor Keys, Tensor Values, int FirstKey) Append(Tensor keys, Tensor values)
    {
        int added = (int)keys.size(2), from = FirstSeen(Length), seen = Length - from + added;
        if (_window is { } window && seen > MostRoom(window))
            return AppendLong(keys, values, window, from);
        if (_keys is null || _borrowed || Length - _first + added > _room)
            Move(keys, from, seen);
        using (var scope = NewDisposeScope())
        {
            _keys!.narrow(2, Length - _first, added).copy_(keys);
            _values!.narrow(2, Length - _first, added).copy_(values);
        }

        Length += added;
        return (_keys!.narrow(2, from - _first, seen), _values!.narrow(2, from - _first, seen), from);
    }

    public override LayerCache Fork()
    {
        _lent = _keys is not null;
        return new KeyValueCache(_room, _window)
        {
            Length = Length,
            _first = _first,
            _borrowed = _lent,
            _keys = _keys?.alias().DetachFromDisposeScope(),
            _values = _values?.alias().DetachFromDisposeScope(),
        };
    }

    public override bool CanRewind(int length) => length == 0 || length >= Length || FirstSeen(length) >= _first;

    public override void Rewind(int length)
    {
        if (length >= Length)
            return;
        Length = length;
        // What follows will be overwritten, and a fork may still read it.
        _borrowed |= _lent;
        _first = Math.Min(_first, length);
    }

    public override void Dispose()
    {
        _keys?.Dispose();
        _values?.Dispose();
        _keys = _values = null;
    }

    /// <summary>The first position that a query at <paramref name="position"/> sees.</summary>
    private int FirstSeen(int position) => _window is { } window ? (int)Math.Max(position - (long)window + 1, 0) : 0;

    /// <summary>A piece longer than the buffer may be: it is used as it is, and only the end of it is kept.</summary>
    private (Tensor Keys, Tensor Values, int FirstKey) AppendLong(Tensor keys, Tensor values, int window, int from)
    {
        if (Length > from)
        {
            keys = cat([_keys!.narrow(2, from - _first, Length - from), keys], 2);
            values = cat([_values!.narrow(2, from - _first, Length - from), values], 2);
        }

        int seen = (int)keys.size(2), kept = window - 1;
        Length = from + seen;
        _room = MostRoom(window);
        using (var scope = NewDisposeScope())
            Replace(keys, keys.narrow(2, seen - kept, kept), values.narrow(2, seen - kept, kept));
        _first = Length - kept;
        return (keys, values, from);
    }

    /// <summary>Takes what is still seen over into a new buffer with room for more.</summary>
    private void Move(Tensor like, int from, int needed)
    {
        // Grown by doubling; behind a window also before it must be, or it would be tidied up at every step.
        if (_keys is not null && (needed > _room || _window is not null))
            _room *= 2;
        _room = Math.Max(_room, needed);
        if (_window is { } window)
            _room = Math.Min(_room, MostRoom(window));
        int held = Length - from;
        using var scope = NewDisposeScope();
        if (_keys is not null && held > 0)
            Replace(like, _keys.narrow(2, from - _first, held), _values!.narrow(2, from - _first, held));
        else
            Replace(like, null, null);
        _first = from;
    }

    private void Replace(Tensor like, Tensor? keys, Tensor? values)
    {
        Tensor newKeys = empty([like.size(0), like.size(1), _room, like.size(3)], like.dtype, like.device);
        Tensor newValues = empty_like(newKeys);
        if (keys is not null)
        {
            newKeys.narrow(2, 0, keys.size(2)).copy_(keys);
            newValues.narrow(2, 0, keys.size(2)).copy_(values!);
        }

        _keys?.Dispose();
        _values?.Dispose();
        _keys = newKeys.DetachFromDisposeScope();
        _values = newValues.DetachFromDisposeScope();
        _borrowed = _lent = false;
    }
}
