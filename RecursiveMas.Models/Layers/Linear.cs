using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>The one seam that every matrix product with a weight goes through: y = x Wᵀ + b.</summary>
internal abstract class Linear : IDisposable
{
    /// <summary>Maps [..., in] to [..., out].</summary>
    public abstract Tensor Forward(Tensor x);

    public abstract void Dispose();

    /// <summary>Takes weight and bias over and lays them out as the plan says.</summary>
    /// <param name="weight">[out, in], on the plan's device; rows as stored, else in the plan's dtype.</param>
    /// <param name="bias">[out] or null.</param>
    /// <param name="plan">Where and how to compute.</param>
    public static Linear Create(Tensor weight, Tensor? bias, ComputePlan plan)
    {
        if (plan.Rows)
            return RowsLinear.Create([(weight, bias)], plan.Layout == WeightLayout.Int8Rows);
        if (plan.Layout == WeightLayout.Packed && TorchNative.TryPackLinear(weight) is { } packed)
        {
            weight.Dispose();
            return new PackedLinear(packed, bias);
        }

        return new PlainLinear(weight, bias);
    }
}

/// <summary>libtorch's own linear on a row-major weight.</summary>
internal sealed class PlainLinear(Tensor weight, Tensor? bias) : Linear
{
    public override Tensor Forward(Tensor x) => nn.functional.linear(x, weight, bias);

    public override void Dispose()
    {
        weight.Dispose();
        bias?.Dispose();
    }
}

/// <summary>oneDNN's linear on a weight that was laid out for it once: on a CPU two to three times as fast as the plain one.</summary>
internal sealed class PackedLinear(Tensor packed, Tensor? bias) : Linear
{
    public override Tensor Forward(Tensor x) => TorchNative.PackedLinear(x, packed, bias);

    public override void Dispose()
    {
        packed.Dispose();
        bias?.Dispose();
    }
}
