using System.Runtime.InteropServices;
using RecursiveMas.Kernels;
using RecursiveMas.Native;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Root-mean-square norm over the last dimension; the mean of squares is taken in float32.</summary>
internal abstract class RmsNorm : IDisposable
{
    private readonly Lazy<float[]> _wideWeight;

    protected RmsNorm(Tensor weight, double eps)
    {
        Weight = weight;
        Eps = eps;
        _wideWeight = new Lazy<float[]>(() =>
        {
            using var scope = NewDisposeScope();
            return MemoryMarshal.Cast<byte, float>(Weight.to_type(ScalarType.Float32).contiguous().bytes).ToArray();
        });
    }

    /// <summary>Element type of the weight.</summary>
    public ScalarType Dtype => Weight.dtype;

    protected Tensor Weight { get; }

    protected double Eps { get; }

    /// <summary>Whether the result is rounded before the product with the weight as well.</summary>
    protected abstract bool RoundsFirst { get; }

    /// <summary>Normalises [..., d].</summary>
    public abstract Tensor Forward(Tensor x);

    /// <summary>Normalises the states of a forward call, [N, d].</summary>
    public Tensor Forward(Tensor x, ForwardContext context)
    {
        if (!context.UseKernels)
            return Forward(x);
        Tensor y = empty_like(x);
        if (x.dtype == ScalarType.Float32)
            Run<Float32Element>(x, y, context.Positions);
        else
            Run<BFloat16Element>(x, y, context.Positions);
        return y;
    }

    /// <summary>The same norm for kernels.</summary>
    public HeadNorm ForHeads() => new(_wideWeight.Value, (float)Eps, RoundsFirst);

    public void Dispose() => Weight.Dispose();

    private unsafe void Run<T>(Tensor x, Tensor y, int rows)
        where T : unmanaged, IElement<T>
    {
        fixed (float* weight = _wideWeight.Value)
            RowKernels.RmsNorm((T*)TensorMemory.Address(x), weight, (T*)TensorMemory.Address(y), rows, _wideWeight.Value.Length, (float)Eps, RoundsFirst);
        GC.KeepAlive(x);
    }
}

/// <summary>y = w · cast(x̂): rounded before the product with the weight, and that product again (Llama, Qwen2, Qwen3, Mistral).</summary>
/// <param name="weight">[d]; a float32 weight beside a narrower input makes the result float32.</param>
/// <param name="eps">Added to the mean of squares.</param>
internal sealed class PlainRmsNorm(Tensor weight, double eps) : RmsNorm(weight, eps)
{
    protected override bool RoundsFirst => true;

    // With its weight the fused operation rounds only once; in float32 that is the same.
    public override Tensor Forward(Tensor x) => x.dtype == ScalarType.Float32
        ? TorchNative.RmsNorm(x, Weight, Eps)
        : Weight * TorchNative.RmsNorm(x, null, Eps);
}

/// <summary>y = cast( x̂ · (1 + w) ), rounded once (Gemma 3, Qwen3.5).</summary>
/// <param name="weight">1 + w, [d], float32.</param>
/// <param name="eps">Added to the mean of squares.</param>
internal sealed class ZeroCentredRmsNorm(Tensor weight, double eps) : RmsNorm(weight, eps)
{
    protected override bool RoundsFirst => false;

    public override Tensor Forward(Tensor x) => TorchNative.RmsNorm(x.to_type(ScalarType.Float32), Weight, Eps).to_type(x.dtype);
}

/// <summary>y = cast( w · cast(x̂) · silu(z) ): a plain weight, the norm before the gate (Qwen3.5's linear layers).</summary>
/// <param name="norm">The norm without the gate.</param>
internal sealed class GatedRmsNorm(PlainRmsNorm norm) : IDisposable
{
    /// <summary>Normalises x [..., d] and multiplies by silu of the gate [..., d].</summary>
    public Tensor Forward(Tensor x, Tensor gate) =>
        (norm.Forward(x) * nn.functional.silu(gate.to_type(ScalarType.Float32))).to_type(x.dtype);

    /// <summary>The same for the heads of a forward call, side by side.</summary>
    /// <param name="x">[N, heads · size].</param>
    /// <param name="gate">[N, heads · size], rows of something wider.</param>
    /// <param name="size">Channels of a head.</param>
    /// <param name="context">The call.</param>
    /// <returns>[N, heads · size].</returns>
    public Tensor Forward(Tensor x, Tensor gate, int size, ForwardContext context)
    {
        int heads = (int)x.size(1) / size;
        if (!context.UseKernels)
            return Forward(x.view(context.Positions, heads, size), gate.reshape(context.Positions, heads, size)).view(x.shape);
        Tensor y = empty_like(x);
        if (x.dtype == ScalarType.Float32)
            Run<Float32Element>(x, gate, y, heads, size);
        else
            Run<BFloat16Element>(x, gate, y, heads, size);
        return y;
    }

    public void Dispose() => norm.Dispose();

    private unsafe void Run<T>(Tensor x, Tensor gate, Tensor y, int heads, int size)
        where T : unmanaged, IElement<T>
    {
        HeadNorm weights = norm.ForHeads();
        fixed (float* weight = weights.Weight)
        {
            RowKernels.GatedRmsNorm(
                (T*)TensorMemory.Address(x),
                weight,
                (T*)TensorMemory.Address(gate),
                (T*)TensorMemory.Address(y),
                (int)x.size(0),
                heads,
                size,
                (nint)gate.stride(0),
                weights.Eps,
                roundProduct: norm.Dtype == x.dtype);
        }

        GC.KeepAlive(x);
        GC.KeepAlive(gate);
    }
}
