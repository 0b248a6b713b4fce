using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Where a model computes, in which element type, and whether weights may be copied into faster layouts.</summary>
/// <param name="Dtype">Element type of weights and activations.</param>
/// <param name="Device">Device of weights and activations.</param>
/// <param name="PackWeights">Lay out linear weights for oneDNN (CPU only): a private copy in place of the mapped file.</param>
/// <param name="FuseWeights">Join the weights that read the same input: a private copy as well.</param>
internal sealed record ComputePlan(ScalarType Dtype, Device Device, bool PackWeights, bool FuseWeights)
{
    /// <summary>Brings a stored tensor to dtype and device; the result belongs to no scope. The given tensor is disposed unless it is the result.</summary>
    public Tensor Place(Tensor stored)
    {
        if (stored.dtype == Dtype && stored.device_type == Device.type && (Device.index < 0 || stored.device_index == Device.index))
            return stored.DetachFromDisposeScope();
        using var scope = NewDisposeScope();
        Tensor placed = stored.to(Dtype, Device).DetachFromDisposeScope();
        if (!ReferenceEquals(placed, stored))
            stored.Dispose();
        return placed;
    }
}
