using RecursiveMas.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>
/// Where the keys and values of one layer lie: a tensor for each row or, shared, one of which every row holds places, so that a step writes and reads
/// those of all its rows at once. That one grows by doubling, and is let go when nobody holds places.
/// </summary>
/// <remarks>Safe for concurrent calls, each with places of its own.</remarks>
/// <param name="sizes">Extents.</param>
/// <param name="dtype">Element type of keys and values.</param>
/// <param name="device">Where they lie.</param>
/// <param name="shared">Whether rows share one tensor.</param>
internal sealed class KeyValuePool(AttentionSizes sizes, ScalarType dtype, Device device, bool shared)
{
    private const int Multiple = 64;

    private readonly Lock _gate = new();
    // Lengths of free stretches by their first place; no two of them touch.
    private readonly SortedList<int, int> _free = [];
    private Tensor? _data;
    private int _places, _taken;

    public bool Shared => shared;

    /// <summary>Bytes of keys and values of one position.</summary>
    public long BytesOfPlace { get; } = 2L * sizes.KeyValueHeads * sizes.HeadSize * (dtype == ScalarType.Float32 ? sizeof(float) : sizeof(short));

    /// <summary>Memory outside of the pool, [2, KV, capacity, D].</summary>
    public Tensor Alone(int capacity) => empty([2, sizes.KeyValueHeads, capacity, sizes.HeadSize], dtype, device);

    /// <summary>
    /// Uses the tensor of all places, [2, KV, places, D], while the caller holds some. Another one stands in its stead as soon as more are taken, so what is
    /// to be written is written here; a view of what the caller wrote stays right.
    /// </summary>
    public T Use<T>(Func<Tensor, T> use)
    {
        lock (_gate)
            return use(_data!);
    }

    /// <summary>Takes places that lie side by side.</summary>
    /// <returns>The first of them.</returns>
    public int Take(int count)
    {
        lock (_gate)
        {
            int index = Find(count);
            if (index < 0)
            {
                Grow(count);
                index = Find(count);
            }

            (int start, int length) = (_free.GetKeyAtIndex(index), _free.GetValueAtIndex(index));
            _free.RemoveAt(index);
            if (length > count)
                _free.Add(start + count, length - count);
            _taken += count;
            return start;
        }
    }

    /// <summary>Gives places back.</summary>
    public void Give(int start, int count)
    {
        lock (_gate)
        {
            _taken -= count;
            if (_taken > 0)
            {
                Free(start, count);
                return;
            }

            _data!.Dispose();
            _data = null;
            _places = 0;
            _free.Clear();
        }
    }

    private int Find(int count)
    {
        for (int i = 0; i < _free.Count; i++)
        {
            if (_free.GetValueAtIndex(i) >= count)
                return i;
        }

        return -1;
    }

    private void Grow(int count)
    {
        int places = checked((Math.Max(2 * _places, _places + count) + Multiple - 1) / Multiple * Multiple);
        // Whatever mode this call computes in, later ones may compute in another.
        using var mode = inference_mode(false);
        using var noGradients = no_grad();
        Tensor grown = Alone(places).DetachFromDisposeScope();
        if (_data is not null)
        {
            using var scope = NewDisposeScope();
            grown.narrow(2, 0, _places).copy_(_data);
            _data.Dispose();
        }

        _data = grown;
        Free(_places, places - _places);
        _places = places;
    }

    private void Free(int start, int count)
    {
        if (_free.Remove(start + count, out int after))
            count += after;
        int before = _free.Keys.TakeWhile(first => first < start).Count() - 1;
        if (before >= 0 && _free.GetKeyAtIndex(before) + _free.GetValueAtIndex(before) == start)
            _free.SetValueAtIndex(before, _free.GetValueAtIndex(before) + count);
        else
            _free.Add(start, count);
    }
}
