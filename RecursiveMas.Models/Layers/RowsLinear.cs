using RecursiveMas.Kernels;
using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>
/// Linear maps of the same float32 input on weights in the format that they are stored in, or as bytes. One managed kernel serves few inputs, reading the
/// weights where they lie, another one many, widening them piece by piece. Processors without wide vectors leave many inputs to libtorch.
/// </summary>
internal sealed unsafe class RowsLinear : Linear
{
    /// <summary>
    /// Inputs up to which the kernel for few multiplies. It is the faster one for about twice as many, but the other one sums as the reference implementation
    /// does, and where a system magnifies rounding, prompts that are read with other sums leave the recorded values.
    /// </summary>
    public const int MostInputs = 32;

    /// <summary>Bytes of the piece of a weight that is widened at a time: what a processor's caches hold.</summary>
    public const int BytesOfPiece = 4 << 20;

    private readonly StoredRows[] _parts;

    /// <summary>Computes [count, outputs] from [count, inputs].</summary>
    private delegate void Product(float* from, int count, float* to);

    private RowsLinear(StoredRows[] parts)
    {
        _parts = parts;
        Stack = new RowStack([.. parts.Select(part => part.Matrix)]);
    }

    /// <summary>The weights as kernels take them.</summary>
    public RowStack Stack { get; }

    /// <summary>Takes weights and biases over.</summary>
    /// <param name="parts">Weights [out_i, in] and float32 biases [out_i] or null, on the CPU; results stand side by side.</param>
    /// <param name="int8">Whether the weights are rounded to bytes, a private copy.</param>
    public static RowsLinear Create(IReadOnlyList<(Tensor Weight, Tensor? Bias)> parts, bool int8) =>
        new([.. parts.Select(part => int8 ? StoredRows.Rounded(part.Weight, part.Bias) : new StoredRows(part.Weight, part.Bias))]);

    public override Tensor Forward(Tensor x)
    {
        long count = x.numel() / Stack.Inputs;
        if (x.requires_grad && is_grad_enabled())
            return Differentiable(x);
        return count <= MostInputs ? ByKernel(x) : PanelProduct.IsFast ? ByPanels(x) : ByLibtorch(x);
    }

    public override void Dispose()
    {
        foreach (StoredRows part in _parts)
            part.Dispose();
    }

    /// <summary>The product by the kernel for few inputs, however many there are.</summary>
    internal Tensor ByKernel(Tensor x)
    {
        RowStack stack = Stack;
        return OnMemory(x, (from, count, to) => KernelThreads.For(
            stack.Units, (long)count * stack.Inputs * stack.Outputs, (first, end) => stack.Multiply(first, end, from, count, to)));
    }

    /// <summary>The product by the kernel for many inputs, however few there are.</summary>
    internal Tensor ByPanels(Tensor x) => OnMemory(x, (from, count, to) =>
    {
        foreach (StoredRows part in _parts)
        {
            PanelProduct.Multiply(part.Matrix, from, count, to, Stack.Outputs);
            to += part.Matrix.Rows;
        }
    });

    /// <summary>The product by libtorch, on pieces of the weights, however few inputs there are.</summary>
    internal Tensor ByLibtorch(Tensor x)
    {
        using var scope = NewDisposeScope();
        long count = x.numel() / Stack.Inputs;
        Tensor inputs = x.reshape(count, Stack.Inputs), y = empty([count, Stack.Outputs], ScalarType.Float32);
        long output = 0;
        foreach (StoredRows part in _parts)
        {
            int rows = part.Matrix.Rows, atATime = part.IsWide ? rows : Math.Min(rows, Math.Max(1, BytesOfPiece / sizeof(float) / Stack.Inputs));
            using Tensor? wide = part.IsWide ? null : empty([atATime, Stack.Inputs], ScalarType.Float32);
            for (int first = 0; first < rows; first += atATime, output += atATime)
            {
                using var piece = NewDisposeScope();
                int some = Math.Min(atATime, rows - first);
                if (wide is not null)
                    RowConversion.Widen(part.Matrix, first, some, (float*)TensorMemory.Address(wide));
                Tensor weight = wide?.narrow(0, 0, some) ?? part.Weight;
                y.narrow(1, output, some).copy_(ByOneDnn(inputs, weight, part.Bias?.narrow(0, first, some)));
                output += some - atATime;
            }
        }

        return y.view([.. x.shape[..^1], Stack.Outputs]).MoveToOuterDisposeScope();
    }

    private Tensor OnMemory(Tensor x, Product product)
    {
        using Tensor? moved = x.is_contiguous() ? null : x.contiguous();
        Tensor y = empty([.. x.shape[..^1], Stack.Outputs], ScalarType.Float32);
        product((float*)TensorMemory.Address(moved ?? x), (int)(x.numel() / Stack.Inputs), (float*)TensorMemory.Address(y));
        GC.KeepAlive(x);
        return y;
    }

    /// <summary>By oneDNN where that is there: on some processors it knows more instructions than the library behind the plain product.</summary>
    private static Tensor ByOneDnn(Tensor x, Tensor weight, Tensor? bias) =>
        (TorchNative.HasPackedLinear(ScalarType.Float32, weight.size(0), weight.size(1)) ? OneDnnLinear.Instance!.Call(x, weight, bias) : null)
        ?? nn.functional.linear(x, weight, bias);

    /// <summary>By libtorch and as a whole, so that gradients flow to the input.</summary>
    private Tensor Differentiable(Tensor x) => cat(
        [
            .. _parts.Select(part =>
            {
                using Tensor wide = part.Widen();
                return nn.functional.linear(x, wide, part.Bias);
            }),
        ],
        -1);
}

/// <summary>A weight in memory as kernels read it, with what keeps it there.</summary>
internal sealed unsafe class StoredRows : IDisposable
{
    private readonly Tensor? _scales;

    /// <param name="weight">[out, in], float32, bfloat16 or float16, contiguous; or bytes. Taken over.</param>
    /// <param name="bias">[out], float32, contiguous; null for none. Taken over.</param>
    /// <param name="scales">[out], float32, the factors of rows of bytes; else null.</param>
    public StoredRows(Tensor weight, Tensor? bias, Tensor? scales = null)
    {
        (Weight, Bias, _scales) = (weight, bias, scales);
        Matrix = new RowMatrix(
            FormatOf(weight.dtype),
            (nint)TensorMemory.Address(weight),
            checked((int)weight.size(0)),
            checked((int)weight.size(1)),
            scales is null ? 0 : (nint)TensorMemory.Address(scales),
            bias is null ? 0 : (nint)TensorMemory.Address(bias));
    }

    public Tensor Weight { get; }

    public Tensor? Bias { get; }

    public RowMatrix Matrix { get; }

    /// <summary>Whether libtorch takes the weight as it is.</summary>
    public bool IsWide => Matrix.Format == RowFormat.Float32;

    /// <summary>A weight as bytes, a private copy; takes weight and bias over.</summary>
    public static StoredRows Rounded(Tensor weight, Tensor? bias)
    {
        Tensor bytes = empty(weight.shape, ScalarType.Int8), scales = empty(weight.size(0), ScalarType.Float32);
        using (weight)
            RowConversion.Round(new StoredRows(weight, null).Matrix, (sbyte*)TensorMemory.Address(bytes), (float*)TensorMemory.Address(scales));
        return new StoredRows(bytes, bias, scales);
    }

    /// <summary>[out, in] in float32, a copy or the weight itself.</summary>
    public Tensor Widen()
    {
        if (IsWide)
            return Weight.alias();
        Tensor wide = empty(Weight.shape, ScalarType.Float32);
        RowConversion.Widen(Matrix, 0, Matrix.Rows, (float*)TensorMemory.Address(wide));
        return wide;
    }

    public void Dispose()
    {
        Weight.Dispose();
        Bias?.Dispose();
        _scales?.Dispose();
    }

    private static RowFormat FormatOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => RowFormat.Float32,
        ScalarType.BFloat16 => RowFormat.BFloat16,
        ScalarType.Float16 => RowFormat.Float16,
        ScalarType.Int8 => RowFormat.Int8,
        _ => throw new ArgumentException($"Rows of {type} cannot be read.", nameof(type)),
    };
}
