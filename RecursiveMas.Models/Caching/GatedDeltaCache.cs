using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>The last inputs of a gated delta layer's convolution and its recurrent state. Neither can be cropped: returning to an earlier length takes a copy made there.</summary>
internal sealed class GatedDeltaCache : LayerCache
{
    private int _length;

    /// <summary>[B, kernel − 1, C], the convolution's last inputs; null before the first position.</summary>
    public Tensor? Columns { get; private set; }

    /// <summary>[B, heads, d_k, d_v], float32; null before the first position.</summary>
    public Tensor? State { get; private set; }

    /// <summary>Whether the state's memory is this cache's alone, so that it may be written into.</summary>
    public bool OwnsState { get; private set; }

    public override bool RewindsAnywhere => false;

    /// <summary>Replaces both after new positions.</summary>
    /// <param name="added">Number of new positions.</param>
    /// <param name="columns">The new columns; a tensor of its own, not a view of something larger.</param>
    /// <param name="state">The new state; may be the old one, written into.</param>
    public void Update(int added, Tensor columns, Tensor state)
    {
        _length += added;
        Columns?.Dispose();
        Columns = columns.DetachFromDisposeScope();
        if (ReferenceEquals(state, State))
            return;
        State?.Dispose();
        State = state.DetachFromDisposeScope();
        OwnsState = true;
    }

    public override LayerCache Fork()
    {
        OwnsState = false;
        return new GatedDeltaCache
        {
            _length = _length,
            Columns = Columns?.alias().DetachFromDisposeScope(),
            State = State?.alias().DetachFromDisposeScope(),
        };
    }

    public override bool CanRewind(int length) => length == 0 || length >= _length;

    public override void Rewind(int length)
    {
        if (length >= _length)
            return;
        _length = length;
        Dispose();
    }

    public override void Dispose()
    {
        Columns?.Dispose();
        State?.Dispose();
        Columns = State = null;
    }
}
