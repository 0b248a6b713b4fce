using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using RecursiveMas.Shared;
using TorchSharp;
using static RecursiveMas.Native.TorchDispatcher;
using static TorchSharp.torch;

namespace RecursiveMas.Native;

/// <summary>Operators that TorchSharp lacks, through libtorch's C functions where they are exported, else by plain TorchSharp calls.</summary>
/// <remarks>All members are safe for concurrent calls. Results join the current dispose scope.</remarks>
internal static class TorchNative
{
    private static readonly ConcurrentDictionary<(ScalarType Type, long Outputs, long Inputs), bool> s_packable = new();
    private static readonly Lazy<bool> s_fusedRmsNorm = new(HasFusedRmsNorm);

    /// <summary>Whether <see cref="RmsNorm"/> is one operator here.</summary>
    public static bool IsRmsNormFused => s_fusedRmsNorm.Value;

    /// <summary>Whether this machine multiplies packed weights of an element type and shape, and rightly; where not, plain ones serve.</summary>
    /// <param name="type">Element type.</param>
    /// <param name="outputs">First extent of the weight.</param>
    /// <param name="inputs">Second extent of the weight.</param>
    public static bool HasPackedLinear(ScalarType type, long outputs, long inputs)
    {
        // Weights are laid out in blocks of up to 64; what matters beyond the first is how much of the last block is filled.
        const long Block = 64;
        static long Like(long extent) => extent < 2 * Block ? extent : Block + (extent % Block);
        return s_packable.GetOrAdd((type, Like(outputs), Like(inputs)), key => CanPack(key.Type, key.Outputs, key.Inputs, OneDnnLinear.Instance));
    }

    /// <summary>The same memory read as another element type; the last dimension scales by the ratio of the element sizes.</summary>
    /// <param name="tensor">Dense tensor whose last dimension has stride 1, with at least one dimension if the sizes differ.</param>
    /// <param name="type">The wanted element type.</param>
    /// <returns>A view; a copy where the dispatcher is absent.</returns>
    public static Tensor ViewDtype(Tensor tensor, ScalarType type)
    {
        if (tensor.dtype == type)
            return tensor.alias();
        return Instance?.Call("aten::view\0"u8, "dtype\0"u8, Argument.Of(tensor), Argument.Of(type)) ?? CopyAs(tensor, type);
    }

    /// <summary>Root-mean-square norm over the last dimension in one operator: w · x / sqrt(mean(x²) + eps).</summary>
    /// <remarks>In reduced precision the result is rounded once, after the product with the weight.</remarks>
    /// <param name="x">[..., H].</param>
    /// <param name="weight">[H], element type of <paramref name="x"/>; null for ones.</param>
    /// <param name="eps">Added to the mean of squares.</param>
    public static Tensor RmsNorm(Tensor x, Tensor? weight, double eps) =>
        (s_fusedRmsNorm.Value ? FusedRmsNorm(x, weight, eps) : null) ?? PlainRmsNorm(x, weight, eps);

    internal static Tensor PlainRmsNorm(Tensor x, Tensor? weight, double eps)
    {
        using var scope = NewDisposeScope();
        using Scalar small = eps.ToScalar();
        Tensor wide = x.to_type(ScalarType.Float32);
        Tensor y = wide.mul(wide.mul(wide).mean([-1], keepdim: true).add_(small, HeldNumbers.One).rsqrt());
        return (weight is null ? y : y.mul(weight.to_type(ScalarType.Float32))).to_type(x.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Rearranges a linear layer's weight once for oneDNN, which then multiplies up to three times faster. The result is a second copy of the weight.
    /// </summary>
    /// <param name="weight">[out, in], float32 or bfloat16, on the CPU.</param>
    /// <returns>The packed weight for <see cref="PackedLinear"/>; null where this weight or this machine has no such path.</returns>
    public static Tensor? TryPackLinear(Tensor weight)
    {
        if (weight.Dimensions != 2 || weight.numel() == 0 || weight.device_type != DeviceType.CPU || weight.requires_grad)
            return null;
        return HasPackedLinear(weight.dtype, weight.size(0), weight.size(1)) ? Pack(weight) : null;
    }

    /// <summary>x · Wᵀ + b with a weight of <see cref="TryPackLinear"/>. For inference: gradients do not flow through it.</summary>
    /// <param name="x">[..., in], on the CPU, in the weight's element type.</param>
    /// <param name="packed">The packed weight, [out, in].</param>
    /// <param name="bias">[out] or null.</param>
    /// <returns>[..., out].</returns>
    public static Tensor PackedLinear(Tensor x, Tensor packed, Tensor? bias = null)
    {
        int last = (int)x.Dimensions - 1;
        // libtorch reports errors without their text, so what can be wrong is named here.
        if (last < 0 || x.size(last) != packed.size(1) || x.dtype != packed.dtype)
            throw new ArgumentException(
                $"The input [{string.Join(", ", x.shape)}] of {x.dtype} does not fit the weight [{packed.size(0)}, {packed.size(1)}] of {packed.dtype}.",
                nameof(x));
        if (bias is not null && (bias.Dimensions != 1 || bias.size(0) != packed.size(0) || bias.dtype != packed.dtype))
            throw new ArgumentException(
                $"The bias [{string.Join(", ", bias.shape)}] of {bias.dtype} does not fit the weight [{packed.size(0)}, {packed.size(1)}] of {packed.dtype}.",
                nameof(bias));
        if (x.requires_grad && is_grad_enabled())
            throw new InvalidOperationException("Packed weights are for inference: the gradient would be lost. Train with plain weights.");
        return OneDnnLinear.Instance?.Call(x, packed, bias)
            ?? throw new InvalidOperationException("oneDNN refused a packed product. libtorch's own message stands on the standard error stream.");
    }

    private static Tensor? FusedRmsNorm(Tensor x, Tensor? weight, double eps) => Instance!.Call(
        "aten::rms_norm\0"u8, "\0"u8, Argument.Of(x), Argument.Of([x.size(-1)]), Argument.Optional(weight), Argument.Optional(eps));

    private static Tensor? Pack(Tensor weight) => Instance!.Call(
        "mkldnn::_reorder_linear_weight\0"u8, "\0"u8, Argument.Of(weight), Argument.None);

    private static bool HasFusedRmsNorm()
    {
        if (Instance is null)
            return false;
        using var scope = NewDisposeScope();
        return FusedRmsNorm(ones(2), ones(2), 1e-6) is not null;
    }

    // Only trying tells: a processor may lack the instructions for one element type, and oneDNN 3.7 loses values of half-filled blocks on some processors.
    internal static bool CanPack(ScalarType type, long outputs, long inputs, OneDnnLinear? linear)
    {
        if (Instance is null
            || linear is null
            || RuntimeInformation.ProcessArchitecture != Architecture.X64
            || type is not (ScalarType.Float32 or ScalarType.BFloat16))
            return false;
        using var scope = NewDisposeScope();
        // No value is zero, and every one of them shows in some output.
        Tensor weight = linspace(1, 2, outputs * inputs, ScalarType.Float32).reshape(outputs, inputs).to_type(type), x = eye(inputs, dtype: type);
        return Pack(weight) is { } packed && linear.Call(x, packed, null) is { } product && product.eq(weight.t()).all().item<bool>();
    }

    internal static Tensor CopyAs(Tensor tensor, ScalarType type)
    {
        using var scope = NewDisposeScope();
        Tensor source = tensor.contiguous();
        long[] shape = source.shape;
        long from = source.ElementSize;
        Tensor result = empty(0, type);
        long to = result.ElementSize;
        if (from != to)
            shape[^1] = shape[^1] * from / to;
        result = empty(shape, type, source.device);
        if (result.numel() * to != source.numel() * from)
            throw new ArgumentException($"A tensor [{string.Join(", ", tensor.shape)}] of {tensor.dtype} cannot be read as {type}.", nameof(type));
        result.bytes = source.bytes;
        return result.MoveToOuterDisposeScope();
    }
}
