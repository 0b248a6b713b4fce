using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>How the weights of linear layers lie in memory.</summary>
internal enum WeightLayout
{
    /// <summary>In the model's element type, each on its own: the mapped file where that is its type.</summary>
    Plain,

    /// <summary>Likewise, those of the same input joined: private copies.</summary>
    Joined,

    /// <summary>Joined and laid out for oneDNN (CPU only): private copies.</summary>
    Packed,

    /// <summary>As stored, the mapped file, for kernels that compute in float32 (CPU only).</summary>
    Rows,

    /// <summary>As bytes with a factor for each row, likewise: private copies.</summary>
    Int8Rows,
}

/// <summary>Where a model computes, in which element type, and how its linear weights lie.</summary>
/// <param name="Dtype">Element type of activations, and of all weights that are not rows.</param>
/// <param name="Device">Device of weights and activations.</param>
/// <param name="Layout">How the weights of linear layers lie.</param>
internal sealed record ComputePlan(ScalarType Dtype, Device Device, WeightLayout Layout)
{
    /// <summary>Where gated delta layers round.</summary>
    public GatedDeltaRounding DeltaRounding { get; init; } = new();

    /// <summary>Bytes of an element of weights and activations.</summary>
    public int ElementSize => Dtype == ScalarType.Float32 ? sizeof(float) : sizeof(short);

    /// <summary>Whether linear weights are read by kernels, in whatever type they are stored.</summary>
    public bool Rows => Layout is WeightLayout.Rows or WeightLayout.Int8Rows;

    /// <summary>Whether the results of weights that read the same input come out side by side.</summary>
    public bool Joins => FuseWeights || Rows;

    /// <summary>Whether weights that read the same input are joined into one, a private copy.</summary>
    public bool FuseWeights => Layout is WeightLayout.Joined or WeightLayout.Packed;

    /// <summary>Whether a linear weight of this shape is packed: some machines pack some shapes wrongly, which then stay as they are.</summary>
    public bool Packs(long outputs, long inputs) => Layout == WeightLayout.Packed && TorchNative.HasPackedLinear(Dtype, outputs, inputs);

    /// <summary>Whether a linear weight leaves the file behind.</summary>
    public bool Copies(long outputs, long inputs) => Layout == WeightLayout.Int8Rows || Packs(outputs, inputs);

    /// <summary>Whether managed kernels compute what they can.</summary>
    public bool Kernels { get; init; }

    /// <summary>Brings a stored tensor to dtype and device: the tensor itself where it is there already, so that a mapped file stays mapped.</summary>
    public Tensor Place(Tensor stored)
    {
        bool there = stored.device_type == Device.type && (Device.index < 0 || stored.device_index == Device.index);
        return stored.dtype == Dtype && there ? stored : stored.to(Dtype, Device);
    }
}
