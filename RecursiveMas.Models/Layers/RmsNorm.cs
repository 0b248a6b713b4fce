using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Root-mean-square norm over the last dimension; the mean of squares is taken in float32.</summary>
internal abstract class RmsNorm : IDisposable
{
    private readonly Tensor _eps;

    protected RmsNorm(Tensor weight, double eps)
    {
        Weight = weight;
        Eps = eps;
        _eps = tensor((float)eps, float32, weight.device);
    }

    protected Tensor Weight { get; }

    protected double Eps { get; }

    /// <summary>Normalises [..., d].</summary>
    public abstract Tensor Forward(Tensor x);

    public void Dispose()
    {
        Weight.Dispose();
        _eps.Dispose();
    }

    /// <summary>x divided by its root mean square, float32.</summary>
    protected Tensor Normalised(Tensor x)
    {
        Tensor wide = x.to_type(ScalarType.Float32);
        return wide * wide.square().mean([-1], keepdim: true).add_(_eps).rsqrt_();
    }
}

/// <summary>y = w · cast(x̂): rounded before the product with the weight, and that product again (Llama, Qwen2, Qwen3, Mistral).</summary>
/// <param name="weight">[d]; a float32 weight beside a narrower input makes the result float32.</param>
/// <param name="eps">Added to the mean of squares.</param>
internal sealed class PlainRmsNorm(Tensor weight, double eps) : RmsNorm(weight, eps)
{
    public override Tensor Forward(Tensor x)
    {
        // The fused operation rounds once; only in float32 is that the same.
        if (x.dtype == ScalarType.Float32)
            return TorchNative.RmsNorm(x, Weight, Eps);
        return Weight * Normalised(x).to_type(x.dtype);
    }
}

/// <summary>y = cast( x̂ · (1 + w) ), rounded once (Gemma 3, Qwen3.5).</summary>
/// <param name="weight">1 + w, [d], float32.</param>
/// <param name="eps">Added to the mean of squares.</param>
internal sealed class ZeroCentredRmsNorm(Tensor weight, double eps) : RmsNorm(weight, eps)
{
    public override Tensor Forward(Tensor x) => TorchNative.RmsNorm(x.to_type(ScalarType.Float32), Weight, Eps).to_type(x.dtype);
}

/// <summary>y = cast( w · cast(x̂) · silu(z) ): a plain weight, the norm before the gate (Qwen3.5's linear layers).</summary>
/// <param name="norm">The norm without the gate.</param>
internal sealed class GatedRmsNorm(PlainRmsNorm norm) : IDisposable
{
    /// <summary>Normalises x [..., d] and multiplies by silu of the gate [..., d].</summary>
    public Tensor Forward(Tensor x, Tensor gate) =>
        (norm.Forward(x) * nn.functional.silu(gate.to_type(ScalarType.Float32))).to_type(x.dtype);

    public void Dispose() => norm.Dispose();
}
