using System.Numerics;
using System.Runtime.CompilerServices;

namespace RecursiveMas.Kernels;

/// <summary>The gate's activation in a gated MLP.</summary>
internal enum Activation
{
    /// <summary>x · sigmoid(x).</summary>
    Silu,

    /// <summary>GELU in its tanh approximation.</summary>
    GeluTanh,
}

/// <summary>Norms and activations, row by row, rounded where the reference rounds.</summary>
internal static unsafe class RowKernels
{
    // tanh of the approximation, ½ (1 + tanh z), is the sigmoid of 2z.
    private const float GeluLinear = 2 * 0.7978845608f, GeluCubic = GeluLinear * 0.044715f;
    private const int ExpWork = 8;

    /// <summary>y = w · x / √(mean(x²) + eps) of each row.</summary>
    /// <param name="x">[rows, width].</param>
    /// <param name="weight">[width].</param>
    /// <param name="y">[rows, width]; may be <paramref name="x"/>.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="eps">Added to the mean of squares.</param>
    /// <param name="roundFirst">Whether the result is rounded before the product with the weight as well.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RmsNorm<T>(T* x, float* weight, T* y, int rows, int width, float eps, bool roundFirst)
        where T : unmanaged, IElement<T>
    {
        KernelThreads.For(rows, 2L * rows * width, (first, end) =>
        {
            for (int row = first; row < end; row++)
                RmsNorm(x + ((nint)row * width), weight, y + ((nint)row * width), width, eps, roundFirst);
        });
    }

    /// <summary>The same for one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RmsNorm<T>(T* x, float* weight, T* y, int width, float eps, bool roundFirst)
        where T : unmanaged, IElement<T>
    {
        float factor = 1 / MathF.Sqrt((SumOfSquares(x, width) / width) + eps);
        var factors = new Vector<float>(factor);
        int i = 0;
        for (; i <= width - Block.Length; i += Block.Length)
        {
            T.Load(x + i, out Vector<float> low, out Vector<float> high);
            (low, high) = (low * factors, high * factors);
            if (roundFirst)
                (low, high) = (T.Round(low), T.Round(high));
            T.Store(y + i, low * Vector.Load(weight + i), high * Vector.Load(weight + i + Block.Half));
        }

        for (; i < width; i++)
        {
            float value = T.Widen(x[i]) * factor;
            y[i] = T.Narrow((roundFirst ? T.Widen(T.Narrow(value)) : value) * weight[i]);
        }
    }

    /// <summary>act(gate) · up, element by element.</summary>
    /// <param name="gate">[rows, width], rows <paramref name="stride"/> apart.</param>
    /// <param name="up">Likewise.</param>
    /// <param name="to">[rows, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="stride">Elements between the beginnings of rows of the inputs.</param>
    /// <param name="activation">The gate's activation.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gated<T>(T* gate, T* up, T* to, int rows, int width, nint stride, Activation activation)
        where T : unmanaged, IElement<T>
    {
        KernelThreads.For(rows, (long)ExpWork * rows * width, (first, end) =>
        {
            for (int row = first; row < end; row++)
                Gated(gate + (row * stride), up + (row * stride), to + ((nint)row * width), width, activation);
        });
    }

    /// <summary>The same for one row, or a part of one.</summary>
    public static void Gated<T>(T* gate, T* up, T* to, int width, Activation activation)
        where T : unmanaged, IElement<T>
    {
        if (activation == Activation.Silu)
            Gated<T, Silu>(gate, up, to, width);
        else
            Gated<T, GeluTanh>(gate, up, to, width);
    }

    /// <summary>x · sigmoid(gate), in place, for heads whose gates stand elsewhere.</summary>
    /// <param name="x">One head.</param>
    /// <param name="gate">Its gate.</param>
    /// <param name="width">Channels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyBySigmoid<T>(T* x, T* gate, int width)
        where T : unmanaged, IElement<T>
    {
        int i = 0;
        for (; i <= width - Block.Length; i += Block.Length)
        {
            T.Load(x + i, out Vector<float> low, out Vector<float> high);
            T.Load(gate + i, out Vector<float> lowGate, out Vector<float> highGate);
            T.Store(x + i, low * T.Round(Sigmoid(lowGate)), high * T.Round(Sigmoid(highGate)));
        }

        for (; i < width; i++)
            x[i] = T.Narrow(T.Widen(x[i]) * T.Widen(T.Narrow(1 / (1 + MathF.Exp(-T.Widen(gate[i]))))));
    }

    /// <summary>y = w · cast(x̂) · silu(gate) of each head.</summary>
    /// <param name="x">[rows, heads, width].</param>
    /// <param name="weight">[width].</param>
    /// <param name="gate">[rows, heads, width], rows <paramref name="stride"/> apart.</param>
    /// <param name="y">[rows, heads, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="heads">Heads of a row.</param>
    /// <param name="width">Channels of a head.</param>
    /// <param name="stride">Elements between the beginnings of the gates of two rows.</param>
    /// <param name="eps">Added to the mean of squares.</param>
    /// <param name="roundProduct">Whether the product with the weight is rounded before that with the gate.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GatedRmsNorm<T>(T* x, float* weight, T* gate, T* y, int rows, int heads, int width, nint stride, float eps, bool roundProduct)
        where T : unmanaged, IElement<T>
    {
        KernelThreads.For(rows, (long)ExpWork * rows * heads * width, (first, end) =>
        {
            for (int row = first; row < end; row++)
            {
                for (int head = 0; head < heads; head++)
                {
                    nint at = (((nint)row * heads) + head) * width;
                    GatedRmsNorm(x + at, weight, gate + (row * stride) + (head * width), y + at, width, eps, roundProduct);
                }
            }
        });
    }

    /// <summary>Adds numbers one by one; the result may stand where a part was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* a, float* b, float* to, int count)
    {
        int i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Store(Vector.Load(a + i) + Vector.Load(b + i), to + i);
        for (; i < count; i++)
            to[i] = a[i] + b[i];
    }

    /// <summary>Rounds numbers to what an element type holds.</summary>
    public static void Round<T>(Span<float> values)
        where T : unmanaged, IElement<T>
    {
        foreach (ref float value in values)
            value = T.Widen(T.Narrow(value));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumOfSquares<T>(T* x, int width)
        where T : unmanaged, IElement<T>
    {
        Vector<float> a = default, b = default;
        int i = 0;
        for (; i <= width - Block.Length; i += Block.Length)
        {
            T.Load(x + i, out Vector<float> low, out Vector<float> high);
            a += low * low;
            b += high * high;
        }

        float sum = Vector.Sum(a + b);
        for (; i < width; i++)
            sum += T.Widen(x[i]) * T.Widen(x[i]);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gated<T, TActivation>(T* gate, T* up, T* to, int width)
        where T : unmanaged, IElement<T>
        where TActivation : struct, IActivation
    {
        int i = 0;
        for (; i <= width - Block.Length; i += Block.Length)
        {
            T.Load(gate + i, out Vector<float> low, out Vector<float> high);
            T.Load(up + i, out Vector<float> lowUp, out Vector<float> highUp);
            T.Store(to + i, T.Round(TActivation.Apply(low)) * lowUp, T.Round(TActivation.Apply(high)) * highUp);
        }

        for (; i < width; i++)
            to[i] = T.Narrow(T.Widen(T.Narrow(TActivation.Apply(new Vector<float>(T.Widen(gate[i])))[0])) * T.Widen(up[i]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatedRmsNorm<T>(T* x, float* weight, T* gate, T* y, int width, float eps, bool roundProduct)
        where T : unmanaged, IElement<T>
    {
        float factor = 1 / MathF.Sqrt((SumOfSquares(x, width) / width) + eps);
        var factors = new Vector<float>(factor);
        int i = 0;
        for (; i <= width - Block.Length; i += Block.Length)
        {
            T.Load(x + i, out Vector<float> low, out Vector<float> high);
            T.Load(gate + i, out Vector<float> lowGate, out Vector<float> highGate);
            low = T.Round(low * factors) * Vector.Load(weight + i);
            high = T.Round(high * factors) * Vector.Load(weight + i + Block.Half);
            if (roundProduct)
                (low, high) = (T.Round(low), T.Round(high));
            T.Store(y + i, low * Silu.Apply(lowGate), high * Silu.Apply(highGate));
        }

        for (; i < width; i++)
        {
            float product = T.Widen(T.Narrow(T.Widen(x[i]) * factor)) * weight[i], gated = T.Widen(gate[i]);
            if (roundProduct)
                product = T.Widen(T.Narrow(product));
            y[i] = T.Narrow(product * (gated / (1 + MathF.Exp(-gated))));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Sigmoid(Vector<float> x) => Vector<float>.One / (Vector<float>.One + Exponential.Of(-x));

    private interface IActivation
    {
        static abstract Vector<float> Apply(Vector<float> x);
    }

    private readonly struct Silu : IActivation
    {
        public static Vector<float> Apply(Vector<float> x) => x / (Vector<float>.One + Exponential.Of(-x));
    }

    private readonly struct GeluTanh : IActivation
    {
        public static Vector<float> Apply(Vector<float> x) =>
            x / (Vector<float>.One + Exponential.Of(-x * (new Vector<float>(GeluLinear) + (new Vector<float>(GeluCubic) * x * x))));
    }
}
