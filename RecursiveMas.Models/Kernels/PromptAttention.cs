using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RecursiveMas.Kernels;

/// <summary>
/// softmax(q kᵀ · scale) v for rows with many new positions, where all time goes into multiplying: the queries of some positions that share a key head
/// go through the keys block by block, as two products of matrices with the softmax in between, as it goes along. Everything in float32.
/// </summary>
internal static unsafe class PromptAttention
{
    private const int PositionsAtATime = 32;
    private const int KeysAtATime = 128;

    // Sums of a tile are held in registers: so many queries, in two vectors of keys or channels.
    private const int QueriesOfTile = 8, VectorsOfTile = 2;

    [ThreadStatic]
    private static float[]? t_scratch;

    /// <summary>Whether a layer can be served here, and faster than by libtorch.</summary>
    public static bool Fits(in AttentionTask task) => PanelProduct.IsFast && task.SoftCap == 0 && task.Heads.Size % (VectorsOfTile * LongestVector) == 0;

    private static int LongestVector => Vector512.IsHardwareAccelerated ? Lanes512.Count : Vector256.IsHardwareAccelerated ? Lanes256.Count : Lanes128.Count;

    /// <summary>The products of all rows, on all threads.</summary>
    public static void Run<T>(List<AttentionRow> rows, AttentionTask task)
        where T : unmanaged, IElement<T>
    {
        if (Vector512.IsHardwareAccelerated)
            Run<T, Lanes512, Vector512<float>>(rows, task);
        else if (Vector256.IsHardwareAccelerated)
            Run<T, Lanes256, Vector256<float>>(rows, task);
        else
            Run<T, Lanes128, Vector128<float>>(rows, task);
    }

    /// <summary>The same with vectors of a given width; heads are a multiple of two of them, and of <see cref="Block.Length"/>.</summary>
    public static void Run<T, TLanes, TVector>(List<AttentionRow> rows, AttentionTask task)
        where T : unmanaged, IElement<T>
        where TLanes : ILanes<TVector>
    {
        var items = new List<(AttentionRow Row, int First)>();
        long work = 0;
        foreach (AttentionRow row in rows)
        {
            work += (long)(row.At + row.Length - row.From) * row.Length * task.Heads.QueryHeads * task.Heads.Size;
            // Those that see most come first, so that no thread is left with them in the end.
            for (int first = (row.Length - 1) / PositionsAtATime * PositionsAtATime; first >= 0; first -= PositionsAtATime)
                items.Add((row, first));
        }

        int keyHeads = task.Heads.KeyHeads;
        KernelThreads.For(items.Count * keyHeads, work, (first, end) =>
        {
            for (int item = first; item < end; item++)
                Positions<T, TLanes, TVector>(items[item / keyHeads].Row, task, item % keyHeads, items[item / keyHeads].First);
        });
    }

    /// <summary>The queries of a row's next positions that share a key head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Positions<T, TLanes, TVector>(in AttentionRow row, in AttentionTask task, int keyHead, int firstPosition)
        where T : unmanaged, IElement<T>
        where TLanes : ILanes<TVector>
    {
        (int size, int group, int width) = (task.Heads.Size, task.Heads.Group, VectorsOfTile * TLanes.Count);
        int positions = Math.Min(PositionsAtATime, row.Length - firstPosition), queries = positions * group;
        int padded = (queries + QueriesOfTile - 1) / QueriesOfTile * QueriesOfTile, at = row.At + firstPosition;
        // Queries, sums of values, scores, keys, values, and the largest score and the sum of weights of each query.
        int needed = (padded * ((2 * size) + KeysAtATime + 2)) + (2 * KeysAtATime * size);
        if (t_scratch is null || t_scratch.Length < needed)
            t_scratch = GC.AllocateUninitializedArray<float>(needed, pinned: true);
        fixed (float* scratch = t_scratch)
        {
            float* query = scratch, sums = query + (padded * size), scores = sums + (padded * size), keyPanels = scores + (padded * KeysAtATime);
            float* valuePanels = keyPanels + (KeysAtATime * size), largest = valuePanels + (KeysAtATime * size), weights = largest + padded;
            T* firstQuery = (T*)row.Heads + ((nint)firstPosition * task.Heads.Width) + (keyHead * group * task.Heads.QueryStep);
            for (int i = 0; i < queries; i++)
                LoadQuery(firstQuery + ((nint)(i / group) * task.Heads.Width) + (i % group * task.Heads.QueryStep), query + (i * size), size, task.Scale);
            new Span<float>(query + (queries * size), (padded - queries) * size).Clear();
            new Span<float>(sums, padded * size).Clear();
            new Span<float>(largest, padded).Fill(float.NegativeInfinity);
            new Span<float>(weights, padded).Clear();
            T* keys = (T*)row.Cache + ((nint)keyHead * row.Capacity * size), values = keys + ((nint)task.Heads.KeyHeads * row.Capacity * size);
            int end = at + positions;
            for (int start = (int)Math.Max(row.From, (long)at - task.Window + 1), count; start < end; start += count)
            {
                count = Math.Min(KeysAtATime, end - start);
                TurnKeys(keys + ((nint)start * size), count, size, keyPanels, width);
                for (int key = 0; key < count; key += width)
                {
                    float* panel = keyPanels + (key * size), to = scores + key;
                    for (int i = 0; i < padded; i += QueriesOfTile)
                        Tile<TLanes, TVector>(panel, size, query + (i * size), size, to + (i * KeysAtATime), KeysAtATime, goOn: false);
                }

                for (int i = 0; i < queries; i++)
                {
                    int entry = at + (i / group), seen = (int)Math.Max(0, (long)entry - task.Window + 1 - start), seenEnd = Math.Min(count, entry + 1 - start);
                    float kept = Weights(scores + (i * KeysAtATime), seen, seenEnd, count, ref largest[i], ref weights[i]);
                    if (kept != 1)
                        AttentionKernel.Multiply(sums + (i * size), size, kept);
                }

                CopyValues<T, TLanes, TVector>(values + ((nint)start * size), count, size, valuePanels);
                for (int channel = 0; channel < size; channel += width)
                {
                    float* panel = valuePanels + (channel * count), to = sums + channel;
                    for (int i = 0; i < padded; i += QueriesOfTile)
                        Tile<TLanes, TVector>(panel, count, scores + (i * KeysAtATime), KeysAtATime, to + (i * size), size, goOn: true);
                }
            }

            for (int i = 0; i < queries; i++)
            {
                nint head = ((nint)(firstPosition + (i / group)) * task.Heads.QueryHeads) + (keyHead * group) + (i % group);
                AttentionKernel.Store((T*)row.Output + (head * size), sums + (i * size), size, 1 / weights[i]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoadQuery<T>(T* from, float* to, int size, float scale)
        where T : unmanaged, IElement<T>
    {
        for (int i = 0; i < size; i++)
            to[i] = T.Widen(from[i]) * scale;
    }

    /// <summary>Keys [count, size] to panels [size, width] of neighbouring keys; what is left of the last one is filled with zeros.</summary>
    private static void TurnKeys<T>(T* keys, int count, int size, float* panels, int width)
        where T : unmanaged, IElement<T>
    {
        var matrix = new RowMatrix(T.Format, (nint)keys, count, size);
        for (int key = 0; key < count; key += width)
        {
            if (T.Format == RowFormat.Float32)
                PanelProduct.Turn<Float32Format>(matrix, key, Math.Min(width, count - key), 0, size, panels + (key * size), width);
            else
                PanelProduct.Turn<BFloat16Format>(matrix, key, Math.Min(width, count - key), 0, size, panels + (key * size), width);
        }
    }

    /// <summary>Values [count, size] to panels [count, two vectors] of neighbouring channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyValues<T, TLanes, TVector>(T* values, int count, int size, float* panels)
        where T : unmanaged, IElement<T>
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count, width = VectorsOfTile * n;
        for (int key = 0; key < count; key++)
        {
            float* to = panels + (key * width);
            for (int channel = 0; channel < size; channel += width, to += count * width, values += width)
            {
                TLanes.Store(T.Load<TLanes, TVector>(values), to);
                TLanes.Store(T.Load<TLanes, TVector>(values + n), to + n);
            }
        }
    }

    /// <summary>Scores of a block to weights; those of keys that the query does not see are zero. Returns what earlier sums are to be multiplied by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Weights(float* scores, int seen, int end, int count, ref float largest, ref float weights)
    {
        if (seen >= end)
        {
            new Span<float>(scores, count).Clear();
            return 1;
        }

        int whole = seen / Vector<float>.Count * Vector<float>.Count;
        new Span<float>(scores, whole).Clear();
        new Span<float>(scores + whole, seen - whole).Fill(float.NegativeInfinity);
        float kept = AttentionKernel.Weights(scores + whole, end - whole, ref largest, ref weights);
        new Span<float>(scores + end, count - end).Clear();
        return kept;
    }

    /// <summary>y[m, …] = Σᵢ x[m, i] · panel[i, …] of eight m, or added to what is there.</summary>
    /// <param name="panel">[count, two vectors].</param>
    /// <param name="count">Summands.</param>
    /// <param name="x">Factors.</param>
    /// <param name="stride">Elements from the factors of one m to those of the next.</param>
    /// <param name="y">Sums.</param>
    /// <param name="step">Elements from the sums of one m to those of the next.</param>
    /// <param name="goOn">Whether to add.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<TLanes, TVector>(float* panel, int count, float* x, nint stride, float* y, nint step, bool goOn)
        where TLanes : ILanes<TVector>
    {
        if (TLanes.Many)
        {
            Eight<TLanes, TVector>(panel, count, x, stride, y, step, goOn);
        }
        else
        {
            const int Half = QueriesOfTile / 2;
            Four<TLanes, TVector>(panel, count, x, stride, y, step, goOn);
            Four<TLanes, TVector>(panel, count, x + (Half * stride), stride, y + (Half * step), step, goOn);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<TLanes, TVector>(float* panel, int count, float* x, nint stride, float* y, nint step, bool goOn)
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count;
        float* x1 = x + stride, x2 = x1 + stride, x3 = x2 + stride, x4 = x3 + stride, x5 = x4 + stride, x6 = x5 + stride, x7 = x6 + stride;
        TVector a0 = default!, a1 = default!, a2 = default!, a3 = default!, a4 = default!, a5 = default!, a6 = default!, a7 = default!;
        TVector b0 = default!, b1 = default!, b2 = default!, b3 = default!, b4 = default!, b5 = default!, b6 = default!, b7 = default!;
        for (nint i = 0; i < count; i++, panel += VectorsOfTile * n)
        {
            TVector a = TLanes.Load(panel), b = TLanes.Load(panel + n), v = TLanes.All(x[i]);
            (a0, b0) = (TLanes.MultiplyAdd(a, v, a0), TLanes.MultiplyAdd(b, v, b0));
            v = TLanes.All(x1[i]);
            (a1, b1) = (TLanes.MultiplyAdd(a, v, a1), TLanes.MultiplyAdd(b, v, b1));
            v = TLanes.All(x2[i]);
            (a2, b2) = (TLanes.MultiplyAdd(a, v, a2), TLanes.MultiplyAdd(b, v, b2));
            v = TLanes.All(x3[i]);
            (a3, b3) = (TLanes.MultiplyAdd(a, v, a3), TLanes.MultiplyAdd(b, v, b3));
            v = TLanes.All(x4[i]);
            (a4, b4) = (TLanes.MultiplyAdd(a, v, a4), TLanes.MultiplyAdd(b, v, b4));
            v = TLanes.All(x5[i]);
            (a5, b5) = (TLanes.MultiplyAdd(a, v, a5), TLanes.MultiplyAdd(b, v, b5));
            v = TLanes.All(x6[i]);
            (a6, b6) = (TLanes.MultiplyAdd(a, v, a6), TLanes.MultiplyAdd(b, v, b6));
            v = TLanes.All(x7[i]);
            (a7, b7) = (TLanes.MultiplyAdd(a, v, a7), TLanes.MultiplyAdd(b, v, b7));
        }

        Put<TLanes, TVector>(y, a0, b0, goOn);
        Put<TLanes, TVector>(y + step, a1, b1, goOn);
        Put<TLanes, TVector>(y + (2 * step), a2, b2, goOn);
        Put<TLanes, TVector>(y + (3 * step), a3, b3, goOn);
        Put<TLanes, TVector>(y + (4 * step), a4, b4, goOn);
        Put<TLanes, TVector>(y + (5 * step), a5, b5, goOn);
        Put<TLanes, TVector>(y + (6 * step), a6, b6, goOn);
        Put<TLanes, TVector>(y + (7 * step), a7, b7, goOn);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TLanes, TVector>(float* panel, int count, float* x, nint stride, float* y, nint step, bool goOn)
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count;
        float* x1 = x + stride, x2 = x1 + stride, x3 = x2 + stride;
        TVector a0 = default!, a1 = default!, a2 = default!, a3 = default!, b0 = default!, b1 = default!, b2 = default!, b3 = default!;
        for (nint i = 0; i < count; i++, panel += VectorsOfTile * n)
        {
            TVector a = TLanes.Load(panel), b = TLanes.Load(panel + n), v = TLanes.All(x[i]);
            (a0, b0) = (TLanes.MultiplyAdd(a, v, a0), TLanes.MultiplyAdd(b, v, b0));
            v = TLanes.All(x1[i]);
            (a1, b1) = (TLanes.MultiplyAdd(a, v, a1), TLanes.MultiplyAdd(b, v, b1));
            v = TLanes.All(x2[i]);
            (a2, b2) = (TLanes.MultiplyAdd(a, v, a2), TLanes.MultiplyAdd(b, v, b2));
            v = TLanes.All(x3[i]);
            (a3, b3) = (TLanes.MultiplyAdd(a, v, a3), TLanes.MultiplyAdd(b, v, b3));
        }

        Put<TLanes, TVector>(y, a0, b0, goOn);
        Put<TLanes, TVector>(y + step, a1, b1, goOn);
        Put<TLanes, TVector>(y + (2 * step), a2, b2, goOn);
        Put<TLanes, TVector>(y + (3 * step), a3, b3, goOn);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes, TVector>(float* to, TVector a, TVector b, bool goOn)
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count;
        if (goOn)
            (a, b) = (TLanes.Add(TLanes.Load(to), a), TLanes.Add(TLanes.Load(to + n), b));
        TLanes.Store(a, to);
        TLanes.Store(b, to + n);
    }
}
