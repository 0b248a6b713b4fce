using System.Numerics;
using System.Runtime.CompilerServices;

namespace RecursiveMas.Kernels;

/// <summary>One row, or a part of one, that the attention kernel works on.</summary>
internal readonly unsafe struct AttentionRow
{
    /// <summary>First of the row's new positions in the result of the projections, [T, width].</summary>
    public required void* Heads { get; init; }

    /// <summary>Its keys and values, [2, KV, capacity, head size], those of the new positions included.</summary>
    public required void* Cache { get; init; }

    /// <summary>Entries of the cache.</summary>
    public required int Capacity { get; init; }

    /// <summary>First entry that the first new position sees.</summary>
    public required int From { get; init; }

    /// <summary>Entry of the first new position.</summary>
    public required int At { get; init; }

    /// <summary>New positions T.</summary>
    public required int Length { get; init; }

    /// <summary>Where the product goes, [T, query heads · head size].</summary>
    public required void* Output { get; init; }
}

/// <summary>What a layer asks of the product.</summary>
/// <param name="Heads">Where heads lie.</param>
/// <param name="Scale">Factor of the scores.</param>
/// <param name="Window">Entries that a position sees at most, itself included.</param>
/// <param name="SoftCap">Cap of the scores; 0 for none.</param>
internal readonly record struct AttentionTask(HeadLayout Heads, float Scale, int Window, float SoftCap);

/// <summary>
/// softmax(q kᵀ · scale) v for rows with few new positions over long caches, where all time goes into reading the caches: each is read once for
/// all query heads that share it, in blocks that stay in the processor's first cache. Everything in float32, the softmax as it goes along.
/// </summary>
internal static unsafe class AttentionKernel
{
    private const int KeysAtATime = 64;
    [ThreadStatic]
    private static float[]? t_scratch;

    public static void Run<T>(List<AttentionRow> rows, AttentionTask task)
        where T : unmanaged, IElement<T>
    {
        int keyHeads = task.Heads.KeyHeads;
        long work = 0;
        foreach (AttentionRow row in rows)
            work += 2L * (row.At + row.Length - row.From) * row.Length * task.Heads.QueryHeads * task.Heads.Size;
        KernelThreads.For(rows.Count * keyHeads, work, (first, end) =>
        {
            for (int item = first; item < end; item++)
                Head<T>(rows[item / keyHeads], task, item % keyHeads);
        });
    }

    /// <summary>All queries of a row that share a key head.</summary>
    public static void Head<T>(in AttentionRow row, in AttentionTask task, int keyHead)
        where T : unmanaged, IElement<T>
    {
        (int size, int group) = (task.Heads.Size, task.Heads.Group);
        int queries = row.Length * group, padded = (size + Block.Length - 1) / Block.Length * Block.Length;
        // Queries, sums of values, scores, and the largest score and the sum of weights of each query.
        int needed = (queries * ((2 * padded) + 2)) + KeysAtATime + Block.Length;
        if (t_scratch is null || t_scratch.Length < needed)
            t_scratch = GC.AllocateUninitializedArray<float>(Math.Max(needed, 4096), pinned: true);
        fixed (float* scratch = t_scratch)
        {
            float* query = scratch, sums = query + (queries * padded), scores = sums + (queries * padded);
            float* largest = scores + KeysAtATime + Block.Length, weights = largest + queries;
            T* firstQuery = (T*)row.Heads + (keyHead * group * task.Heads.QueryStep);
            for (int i = 0; i < queries; i++)
            {
                T* from = firstQuery + ((nint)(i / group) * task.Heads.Width) + (i % group * task.Heads.QueryStep);
                LoadQuery(from, query + (i * padded), size, padded, task.Scale);
                (largest[i], weights[i]) = (float.NegativeInfinity, 0);
            }

            new Span<float>(sums, queries * padded).Clear();
            T* keys = (T*)row.Cache + ((nint)keyHead * row.Capacity * size), values = keys + ((nint)task.Heads.KeyHeads * row.Capacity * size);
            for (int start = row.From; start < row.At + row.Length; start += KeysAtATime)
            {
                for (int i = 0; i < queries; i++)
                {
                    int entry = row.At + (i / group);
                    int first = (int)Math.Max(start, (long)entry - task.Window + 1), end = Math.Min(start + KeysAtATime, entry + 1);
                    if (first >= end)
                        continue;
                    Scores(query + (i * padded), keys + ((nint)first * size), end - first, size, scores);
                    if (task.SoftCap > 0)
                        Cap(scores, end - first, task.SoftCap);
                    float kept = Weights(scores, end - first, ref largest[i], ref weights[i]);
                    float* sum = sums + (i * padded);
                    if (kept != 1)
                        Multiply(sum, padded, kept);
                    AddValues(scores, values + ((nint)first * size), end - first, size, sum);
                }
            }

            for (int i = 0; i < queries; i++)
            {
                nint head = ((nint)(i / group) * task.Heads.QueryHeads) + (keyHead * group) + (i % group);
                Store((T*)row.Output + (head * size), sums + (i * padded), size, 1 / weights[i]);
            }
        }
    }

    /// <summary>
    /// A query times the scale. Its last block ends with the head, so that nothing is read beyond that; what blocks share counts in the first
    /// of them alone.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoadQuery<T>(T* from, float* to, int size, int padded, float scale)
        where T : unmanaged, IElement<T>
    {
        if (size < Block.Length)
        {
            for (int i = 0; i < size; i++)
                to[i] = T.Widen(from[i]) * scale;
            return;
        }

        int whole = size / Block.Length * Block.Length, shared = padded - size;
        for (int i = 0; i < whole; i++)
            to[i] = T.Widen(from[i]) * scale;
        for (int i = whole; i < padded; i++)
            to[i] = i - whole < shared ? 0 : T.Widen(from[i - shared]) * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scores<T>(float* query, T* keys, int count, int size, float* scores)
        where T : unmanaged, IElement<T>
    {
        if (size < Block.Length)
        {
            for (int key = 0; key < count; key++, keys += size)
            {
                float sum = 0;
                for (int i = 0; i < size; i++)
                    sum += query[i] * T.Widen(keys[i]);
                scores[key] = sum;
            }

            return;
        }

        int last = size - Block.Length, at = 0;
        for (; at <= count - 4; at += 4, keys += 4 * (nint)size)
        {
            Vector<float> a = default, b = default, c = default, d = default;
            float* part = query;
            for (int i = 0; ; i += Block.Length, part += Block.Length)
            {
                int offset = Math.Min(i, last);
                Vector<float> q0 = Vector.Load(part), q1 = Vector.Load(part + Block.Half);
                a = Dot(keys + offset, q0, q1, a);
                b = Dot(keys + size + offset, q0, q1, b);
                c = Dot(keys + (2 * size) + offset, q0, q1, c);
                d = Dot(keys + (3 * size) + offset, q0, q1, d);
                if (i >= last)
                    break;
            }

            RowSums.Put(scores + at, a, b, c, d);
        }

        for (; at < count; at++, keys += size)
        {
            Vector<float> a = default;
            float* part = query;
            for (int i = 0; ; i += Block.Length, part += Block.Length)
            {
                a = Dot(keys + Math.Min(i, last), Vector.Load(part), Vector.Load(part + Block.Half), a);
                if (i >= last)
                    break;
            }

            scores[at] = Vector.Sum(a);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Dot<T>(T* key, Vector<float> q0, Vector<float> q1, Vector<float> sum)
        where T : unmanaged, IElement<T>
    {
        T.Load(key, out Vector<float> low, out Vector<float> high);
        return Vector.FusedMultiplyAdd(high, q1, Vector.FusedMultiplyAdd(low, q0, sum));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Cap(float* scores, int count, float cap)
    {
        for (int i = 0; i < count; i++)
            scores[i] = cap * MathF.Tanh(scores[i] / cap);
    }

    /// <summary>Turns scores into weights relative to the largest score so far; returns the factor for what was summed up under the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Weights(float* scores, int count, ref float largest, ref float weights)
    {
        // Fills the last vector up with weights of zero.
        for (int i = count; i % Block.Half != 0; i++)
            scores[i] = float.NegativeInfinity;
        // No NaN need be found here: it shows in the weights.
        float before = largest, top = before;
        var tops = new Vector<float>(top);
        for (int i = 0; i < count; i += Block.Half)
            tops = Vector.MaxNative(tops, Vector.Load(scores + i));
        for (int i = 0; i < Block.Half; i++)
            top = float.MaxNative(top, tops[i]);
        tops = new Vector<float>(top);
        Vector<float> sum = default;
        for (int i = 0; i < count; i += Block.Half)
        {
            Vector<float> weight = Exponential.Of(Vector.Load(scores + i) - tops);
            Vector.Store(weight, scores + i);
            sum += weight;
        }

        float kept = before == top ? 1 : MathF.Exp(before - top);
        largest = top;
        weights = (weights * kept) + Vector.Sum(sum);
        return kept;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply(float* sum, int padded, float factor)
    {
        var factors = new Vector<float>(factor);
        for (int i = 0; i < padded; i += Block.Half)
            Vector.Store(Vector.Load(sum + i) * factors, sum + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddValues<T>(float* weights, T* values, int count, int size, float* sum)
        where T : unmanaged, IElement<T>
    {
        if (size < Block.Length)
        {
            for (int key = 0; key < count; key++, values += size)
            {
                for (int i = 0; i < size; i++)
                    sum[i] += weights[key] * T.Widen(values[i]);
            }

            return;
        }

        // Two blocks at a time, so that no sum waits for the one before.
        int last = size - Block.Length, at = 0;
        for (; at < last; at += 2 * Block.Length, sum += 2 * Block.Length)
        {
            T* first = values + at, second = values + Math.Min(at + Block.Length, last);
            Vector<float> a = Vector.Load(sum), b = Vector.Load(sum + Block.Half);
            Vector<float> c = Vector.Load(sum + Block.Length), d = Vector.Load(sum + Block.Length + Block.Half);
            for (int key = 0; key < count; key++, first += size, second += size)
            {
                var weight = new Vector<float>(weights[key]);
                T.Load(first, out Vector<float> v0, out Vector<float> v1);
                T.Load(second, out Vector<float> v2, out Vector<float> v3);
                a = Vector.FusedMultiplyAdd(weight, v0, a);
                b = Vector.FusedMultiplyAdd(weight, v1, b);
                c = Vector.FusedMultiplyAdd(weight, v2, c);
                d = Vector.FusedMultiplyAdd(weight, v3, d);
            }

            Vector.Store(a, sum);
            Vector.Store(b, sum + Block.Half);
            Vector.Store(c, sum + Block.Length);
            Vector.Store(d, sum + Block.Length + Block.Half);
        }

        if (at - Block.Length >= last)
            return;
        T* value = values + last;
        Vector<float> e = Vector.Load(sum), f = Vector.Load(sum + Block.Half);
        for (int key = 0; key < count; key++, value += size)
        {
            var weight = new Vector<float>(weights[key]);
            T.Load(value, out Vector<float> v0, out Vector<float> v1);
            e = Vector.FusedMultiplyAdd(weight, v0, e);
            f = Vector.FusedMultiplyAdd(weight, v1, f);
        }

        Vector.Store(e, sum);
        Vector.Store(f, sum + Block.Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Store<T>(T* to, float* sum, int size, float factor)
        where T : unmanaged, IElement<T>
    {
        if (size < Block.Length)
        {
            for (int i = 0; i < size; i++)
                to[i] = T.Narrow(sum[i] * factor);
            return;
        }

        var factors = new Vector<float>(factor);
        int last = size - Block.Length;
        for (int i = 0; ; i += Block.Length, sum += Block.Length)
        {
            T.Store(to + Math.Min(i, last), Vector.Load(sum) * factors, Vector.Load(sum + Block.Half) * factors);
            if (i >= last)
                break;
        }
    }
}
