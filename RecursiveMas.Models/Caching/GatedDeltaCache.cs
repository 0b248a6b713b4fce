using RecursiveMas.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>
/// The last inputs of a gated delta layer's convolution and its recurrent state. Neither can be cropped: returning to an earlier length
/// takes a copy made there.
/// </summary>
internal sealed class GatedDeltaCache(GatedDeltaSizes sizes, ScalarType dtype, Device device) : LayerCache
{
    private SharedTensor? _columns;
    private SharedTensor? _state;

    /// <summary>[kernel − 1, C], the convolution's last inputs; null before the first position.</summary>
    public Tensor? Columns => _columns?.Data;

    /// <summary>[heads, d_k, d_v], float32; null before the first position.</summary>
    public Tensor? State => _state?.Data;

    /// <summary>Whether the state's memory is this cache's alone, so that it may be written into.</summary>
    public bool OwnsState => _state?.HeldOnce ?? false;

    public override bool RewindsAnywhere => false;

    public override int EarliestRewind => Length;

    public override IEnumerable<SharedMemory> Memory => _columns is null ? [] : [_columns, _state!];

    /// <summary>Replaces both after new positions.</summary>
    /// <param name="added">Number of new positions.</param>
    /// <param name="columns">The new columns; a tensor of its own, not a view of something larger.</param>
    /// <param name="state">The new state, likewise; or <see cref="State"/>, written into.</param>
    public void Update(int added, Tensor columns, Tensor state)
    {
        Length += added;
        _columns?.Release();
        _columns = new SharedTensor(columns);
        if (ReferenceEquals(state, _state?.Data))
            return;
        _state?.Release();
        _state = new SharedTensor(state);
    }

    /// <summary>Both for writing into: zeros before the first position, copies where others hold them too.</summary>
    /// <param name="added">Number of new positions, whose columns and state the caller will write.</param>
    public (SharedTensor Columns, SharedTensor State) Write(int added)
    {
        Length += added;
        _columns = Own(_columns, () => zeros([sizes.Kernel - 1, sizes.Channels], dtype, device));
        _state = Own(_state, () => zeros([sizes.ValueHeads, sizes.KeySize, sizes.ValueSize], float32, device));
        return (_columns, _state);
    }

    public override LayerCache Fork()
    {
        _columns?.Share();
        _state?.Share();
        return new GatedDeltaCache(sizes, dtype, device) { Length = Length, _columns = _columns, _state = _state };
    }

    public override void Rewind(int length)
    {
        if (length >= Length)
            return;
        Length = length;
        Dispose();
    }

    public override void Dispose()
    {
        _columns?.Release();
        _state?.Release();
        _columns = _state = null;
    }

    private static SharedTensor Own(SharedTensor? held, Func<Tensor> empty)
    {
        if (held is { HeldOnce: true })
            return held;
        var own = new SharedTensor(held?.Data.clone() ?? empty());
        held?.Release();
        return own;
    }
}
