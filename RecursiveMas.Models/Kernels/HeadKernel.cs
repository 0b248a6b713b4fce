using System.Numerics;
using System.Runtime.CompilerServices;

namespace RecursiveMas.Kernels;

/// <summary>Where the heads of a softmax layer lie side by side in the result of its projections.</summary>
/// <param name="QueryHeads">Number of query heads.</param>
/// <param name="KeyHeads">Number of key heads, and of value heads.</param>
/// <param name="Size">Channels of a head.</param>
/// <param name="QueryStep">Elements from one query to the next: a head, or two where each is followed by its gate.</param>
internal readonly record struct HeadLayout(int QueryHeads, int KeyHeads, int Size, int QueryStep)
{
    public int Group => QueryHeads / KeyHeads;

    /// <summary>First element of the keys.</summary>
    public int Keys => QueryHeads * QueryStep;

    /// <summary>First element of the values.</summary>
    public int Values => Keys + (KeyHeads * Size);

    /// <summary>Elements of a position.</summary>
    public int Width => Values + (KeyHeads * Size);
}

/// <summary>A norm of heads.</summary>
/// <param name="Weight">[head size]; null for no norm.</param>
/// <param name="Eps">Added to the mean of squares.</param>
/// <param name="RoundFirst">Whether the result is rounded before the product with the weight as well.</param>
internal readonly record struct HeadNorm(float[]? Weight, float Eps, bool RoundFirst);

/// <summary>Cosines and sines of the new positions, [N, rotated / 2] each.</summary>
/// <param name="Cosines">Rounded to the model's element type.</param>
/// <param name="Sines">Likewise.</param>
/// <param name="Channels">Rotated channels of a head.</param>
internal sealed record AngleTable(float[] Cosines, float[] Sines, int Channels);

/// <summary>
/// What stands between the projections of a softmax layer and its product: norms and rotation of queries and keys, and their way into the cache.
/// </summary>
internal static unsafe class HeadKernel
{
    /// <summary>Norms and rotates queries and keys in place.</summary>
    /// <param name="heads">[N, width].</param>
    /// <param name="positions">N.</param>
    /// <param name="layout">Where heads lie.</param>
    /// <param name="query">Norm of queries.</param>
    /// <param name="key">Norm of keys.</param>
    /// <param name="angles">Angles of the positions.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void NormAndRotate<T>(T* heads, int positions, HeadLayout layout, HeadNorm query, HeadNorm key, AngleTable angles)
        where T : unmanaged, IElement<T>
    {
        KernelThreads.For(positions, 4L * positions * (layout.QueryHeads + layout.KeyHeads) * layout.Size, (first, end) =>
        {
            int half = angles.Channels / 2;
            fixed (float* cosines = angles.Cosines, sines = angles.Sines, queryWeight = query.Weight, keyWeight = key.Weight)
            {
                for (int position = first; position < end; position++)
                {
                    T* at = heads + ((nint)position * layout.Width);
                    float* cos = cosines + ((nint)position * half), sin = sines + ((nint)position * half);
                    for (int head = 0; head < layout.QueryHeads; head++)
                        NormAndRotate(at + (head * layout.QueryStep), layout.Size, queryWeight, query, cos, sin, half);
                    for (int head = 0; head < layout.KeyHeads; head++)
                        NormAndRotate(at + layout.Keys + (head * layout.Size), layout.Size, keyWeight, key, cos, sin, half);
                }
            }
        });
    }

    /// <summary>Copies keys and values of a row into its cache.</summary>
    /// <param name="heads">First of the row's positions, [T, width].</param>
    /// <param name="positions">T.</param>
    /// <param name="layout">Where heads lie.</param>
    /// <param name="cache">[2, KV, capacity, head size].</param>
    /// <param name="capacity">Entries of the cache.</param>
    /// <param name="entry">Entry of the first position.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Append<T>(T* heads, int positions, HeadLayout layout, T* cache, int capacity, int entry)
        where T : unmanaged, IElement<T>
    {
        // Values lie behind keys on both sides.
        for (int head = 0; head < 2 * layout.KeyHeads; head++)
        {
            T* from = heads + layout.Keys + (head * layout.Size), to = cache + ((((nint)head * capacity) + entry) * layout.Size);
            for (int position = 0; position < positions; position++)
                new ReadOnlySpan<T>(from + ((nint)position * layout.Width), layout.Size).CopyTo(new Span<T>(to + ((nint)position * layout.Size), layout.Size));
        }
    }

    /// <summary>Multiplies the product by the sigmoid of the gates that follow the queries.</summary>
    /// <param name="mixed">[N, query heads, head size].</param>
    /// <param name="heads">[N, width].</param>
    /// <param name="positions">N.</param>
    /// <param name="layout">Where heads lie.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gate<T>(T* mixed, T* heads, int positions, HeadLayout layout)
        where T : unmanaged, IElement<T>
    {
        KernelThreads.For(positions, 8L * positions * layout.QueryHeads * layout.Size, (first, end) =>
        {
            for (int position = first; position < end; position++)
            {
                T* to = mixed + ((nint)position * layout.QueryHeads * layout.Size), gates = heads + ((nint)position * layout.Width) + layout.Size;
                for (int head = 0; head < layout.QueryHeads; head++)
                    RowKernels.MultiplyBySigmoid(to + (head * layout.Size), gates + (head * layout.QueryStep), layout.Size);
            }
        });
    }

    /// <summary>Norms and rotates one head of one position in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void NormAndRotate<T>(T* head, int size, float* weight, in HeadNorm norm, float* cos, float* sin, int half)
        where T : unmanaged, IElement<T>
    {
        if (weight != null)
            RowKernels.RmsNorm(head, weight, head, size, norm.Eps, norm.RoundFirst);
        int i = 0;
        for (; i <= half - Block.Length; i += Block.Length)
        {
            T.Load(head + i, out Vector<float> a0, out Vector<float> a1);
            T.Load(head + half + i, out Vector<float> b0, out Vector<float> b1);
            Vector<float> c0 = Vector.Load(cos + i), c1 = Vector.Load(cos + i + Block.Half), s0 = Vector.Load(sin + i), s1 = Vector.Load(sin + i + Block.Half);
            T.Store(head + i, T.Round(a0 * c0) - T.Round(b0 * s0), T.Round(a1 * c1) - T.Round(b1 * s1));
            T.Store(head + half + i, T.Round(b0 * c0) + T.Round(a0 * s0), T.Round(b1 * c1) + T.Round(a1 * s1));
        }

        for (; i < half; i++)
        {
            float a = T.Widen(head[i]), b = T.Widen(head[half + i]);
            head[i] = T.Narrow(Round<T>(a * cos[i]) - Round<T>(b * sin[i]));
            head[half + i] = T.Narrow(Round<T>(b * cos[i]) + Round<T>(a * sin[i]));
        }
    }

    private static float Round<T>(float value)
        where T : unmanaged, IElement<T> => T.Widen(T.Narrow(value));
}
