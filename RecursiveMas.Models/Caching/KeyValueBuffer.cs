using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>Keys and values of one row and layer, [2, KV, capacity, D], filled from the front; memory of its own or places of a pool.</summary>
/// <remarks>
/// Entries that have been written are never changed while others hold the buffer. Whoever stands at the end of what is written may go on
/// behind it; anyone else has to copy first.
/// </remarks>
internal sealed class KeyValueBuffer : SharedMemory
{
    private readonly Tensor? _own;
    private nint _address;
    private int _written;

    /// <param name="pool">Where keys and values of the layer lie.</param>
    /// <param name="capacity">Entries.</param>
    public KeyValueBuffer(KeyValuePool pool, int capacity)
    {
        Capacity = capacity;
        Bytes = capacity * pool.BytesOfPlace;
        if (pool.Shared && !is_grad_enabled())
            (Pool, Start) = (pool, pool.Take(capacity));
        else
            _own = pool.Alone(capacity).DetachFromDisposeScope();
    }

    public int Capacity { get; }

    public override long Bytes { get; }

    /// <summary>The pool whose places it holds; null for memory of its own.</summary>
    public KeyValuePool? Pool { get; }

    /// <summary>First of its places there.</summary>
    public int Start { get; }

    /// <summary>Whether it is the memory to write now: what gradients flow through must not come where others write.</summary>
    public bool MayBeWritten => Pool is null || !is_grad_enabled();

    /// <summary>[2, KV, capacity, D], to read what has been written; where the memory is a pool's, a view that later entries may not reach.</summary>
    public Tensor Data => _own ?? Pool!.Use(all => all.narrow(2, Start, Capacity));

    /// <summary>Where memory of its own lies, on a CPU.</summary>
    public unsafe nint Address => _address != 0 ? _address : _address = (nint)TensorMemory.Address(_own!);

    /// <summary>[KV, count, D] from an entry on.</summary>
    public Tensor Keys(int start, int count) => Data.select(0, 0).narrow(1, start, count);

    /// <inheritdoc cref="Keys"/>
    public Tensor Values(int start, int count) => Data.select(0, 1).narrow(1, start, count);

    /// <summary>Writes entries.</summary>
    /// <param name="at">The first.</param>
    /// <param name="keys">[KV, count, D].</param>
    /// <param name="values">[KV, count, D].</param>
    public void Write(int at, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        if (_own is not null)
            Fill(_own, at);
        else
            Pool!.Use(all => Fill(all, Start + at));

        bool Fill(Tensor data, int first)
        {
            Tensor entries = data.narrow(2, first, keys.size(1));
            entries.select(0, 0).copy_(keys);
            entries.select(0, 1).copy_(values);
            return true;
        }
    }

    /// <summary>Claims entries for writing; false if another holder may still read what would be overwritten.</summary>
    public bool TryExtend(int at, int added)
    {
        if (Interlocked.CompareExchange(ref _written, at + added, at) == at)
            return true;
        if (!HeldOnce)
            return false;
        _written = at + added;
        return true;
    }

    protected override void Free()
    {
        _own?.Dispose();
        Pool?.Give(Start, Capacity);
    }
}
