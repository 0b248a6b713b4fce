using RecursiveMas.Native;
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
    /// <summary>Where gated delta layers round.</summary>
    public GatedDeltaRounding DeltaRounding { get; init; } = new();

    /// <summary>Bytes of an element of weights and activations.</summary>
    public int ElementSize => Dtype == ScalarType.Float32 ? sizeof(float) : sizeof(short);

    /// <summary>Whether a linear weight of this shape is packed: some machines pack some shapes wrongly, which then stay as they are.</summary>
    public bool Packs(long outputs, long inputs) => PackWeights && TorchNative.HasPackedLinear(Dtype, outputs, inputs);

    /// <summary>Whether managed kernels compute what they can.</summary>
    public bool Kernels { get; init; }

    /// <summary>Brings a stored tensor to dtype and device: the tensor itself where it is there already, so that a mapped file stays mapped.</summary>
    public Tensor Place(Tensor stored)
    {
        bool there = stored.device_type == Device.type && (Device.index < 0 || stored.device_index == Device.index);
        return stored.dtype == Dtype && there ? stored : stored.to(Dtype, Device);
    }
}
