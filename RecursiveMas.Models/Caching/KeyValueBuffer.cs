using RecursiveMas.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>Keys and values of one row and layer, [2, KV, capacity, D], filled from the front.</summary>
/// <remarks>
/// Entries that have been written are never changed while others hold the buffer. Whoever stands at the end of what is written may go on
/// behind it; anyone else has to copy first.
/// </remarks>
internal sealed class KeyValueBuffer(AttentionSizes sizes, int capacity, ScalarType dtype, Device device)
    : SharedTensor(empty([2, sizes.KeyValueHeads, capacity, sizes.HeadSize], dtype, device))
{
    private int _written;

    public int Capacity => capacity;

    /// <summary>[KV, count, D] from an entry on.</summary>
    public Tensor Keys(int start, int count) => Data.select(0, 0).narrow(1, start, count);

    /// <inheritdoc cref="Keys"/>
    public Tensor Values(int start, int count) => Data.select(0, 1).narrow(1, start, count);

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
}
