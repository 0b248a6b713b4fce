using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>Keys and values of a softmax layer, in a buffer that is written in place; behind a window, only what it can still see.</summary>
internal sealed class KeyValueCache : LayerCache
{
    // Without a wish of the caller's: enough that the first steps after a prompt do not move it.
    private const int LeastSpare = 16;

    private readonly KeyValueCacheShape _shape;
    private readonly KeyValuePool _pool;
    private readonly int _wanted;
    private KeyValueBuffer? _buffer;
    private int _first;

    /// <param name="shape">Extents.</param>
    /// <param name="capacity">Positions to allocate at first; 0 to follow the first call. More are added as needed.</param>
    /// <param name="pool">Where keys and values lie.</param>
    public KeyValueCache(KeyValueCacheShape shape, int capacity, KeyValuePool pool) => (_shape, _wanted, _pool) = (shape, capacity, pool);

    public override bool RewindsAnywhere => _shape.Window is null;

    public override int EarliestRewind => _first == 0 ? 0 : _first + _shape.Window!.Value - 1;

    public override IEnumerable<SharedMemory> Memory => _buffer is null ? [] : [_buffer];

    /// <summary>Makes place for new positions behind the others, to be written by the caller.</summary>
    public KeyValueSlots Append(int added)
    {
        int from = FirstSeen(Length), at = Length - _first;
        if (_buffer is null || at + added > _buffer.Capacity || !_buffer.MayBeWritten || !_buffer.TryExtend(at, added))
        {
            Move(from, Length - from + added);
            at = Length - _first;
            _buffer!.TryExtend(at, added);
        }

        Length += added;
        return new KeyValueSlots(_buffer, from - _first, at, added, from);
    }

    /// <summary>Lets go of what a long piece of a prompt needed beside the window. Slots handed out before must not be used any more.</summary>
    public void Trim()
    {
        if (_shape.Window is { } window && _buffer!.Capacity > KeyValueCacheShape.MostCapacity(window))
            Replace(FirstSeen(Length), KeyValueCacheShape.MostCapacity(window));
    }

    public override LayerCache Fork()
    {
        _buffer?.Share();
        return new KeyValueCache(_shape, _wanted, _pool) { Length = Length, _first = _first, _buffer = _buffer };
    }

    public override void Rewind(int length)
    {
        Length = length;
        _first = Math.Min(_first, length);
    }

    public override void Dispose()
    {
        _buffer?.Release();
        _buffer = null;
    }

    /// <summary>The first position that a query at <paramref name="position"/> sees.</summary>
    private int FirstSeen(int position) => _shape.Window is { } window ? (int)Math.Max(position - (long)window + 1, 0) : 0;

    /// <summary>Takes what is still seen over into a buffer for more.</summary>
    /// <param name="from">First position to take over.</param>
    /// <param name="needed">Positions that must find place from there.</param>
    private void Move(int from, int needed)
    {
        long most = _shape.Window is { } window ? KeyValueCacheShape.MostCapacity(window) : int.MaxValue;
        long capacity = _buffer switch
        {
            null when _wanted > 0 => _wanted,
            null => needed + (long)Math.Max(needed / 4, LeastSpare),
            // Grown by doubling; behind a window also before it must be, or it would be moved at every step.
            { } full when needed > full.Capacity || _shape.Window is not null => 2L * full.Capacity,
            { } shared => shared.Capacity,
        };
        Replace(from, (int)Math.Max(Math.Min(capacity, most), needed));
    }

    private void Replace(int from, int capacity)
    {
        var buffer = new KeyValueBuffer(_pool, capacity);
        int held = Length - from;
        if (_buffer is not null && held > 0)
        {
            using var scope = NewDisposeScope();
            buffer.Write(0, _buffer.Keys(from - _first, held), _buffer.Values(from - _first, held));
            buffer.TryExtend(0, held);
        }

        _buffer?.Release();
        _buffer = buffer;
        _first = from;
    }
}

/// <summary>Places in a buffer that a call has to fill, and the entries that its positions may see.</summary>
/// <param name="Buffer">The buffer.</param>
/// <param name="From">First entry that the first new position sees.</param>
/// <param name="At">Entry of the first new position.</param>
/// <param name="Added">New positions.</param>
/// <param name="FirstKey">Position of the entry <paramref name="From"/>.</param>
internal readonly record struct KeyValueSlots(KeyValueBuffer Buffer, int From, int At, int Added, int FirstKey)
{
    /// <summary>Entries from the first one seen to the last new one.</summary>
    public int Seen => At + Added - From;

    /// <summary>[KV, S, D], a view.</summary>
    public Tensor Keys => Buffer.Keys(From, Seen);

    /// <summary>[KV, S, D], a view.</summary>
    public Tensor Values => Buffer.Values(From, Seen);

    /// <summary>Fills the places.</summary>
    /// <param name="keys">[KV, added, D], after norms and rotation.</param>
    /// <param name="values">[KV, added, D].</param>
    public void Write(Tensor keys, Tensor values) => Buffer.Write(At, keys, values);
}
