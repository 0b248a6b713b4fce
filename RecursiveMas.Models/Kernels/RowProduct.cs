using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RecursiveMas.Kernels;

/// <summary>
/// y = x Wᵀ + b in float32, on weights as they are stored. With one input all time goes into reading the weight, which a
/// thread does fastest as one stream, row by row; with more, rows go three at a time, so that what is read of the inputs serves three products.
/// </summary>
internal static unsafe class RowProduct
{
    private const int RowsAtATime = 3;

    // Half of the second cache of most processors.
    private const long BytesOfChunk = 256 << 10;

    /// <summary>Whether this processor has vectors that kernels are fast with.</summary>
    public static string Lanes => Vector512.IsHardwareAccelerated ? "AVX-512" : Vector256.IsHardwareAccelerated ? "AVX2" : "128 bits";

    /// <summary>Multiplies some rows of a weight.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="first">First of the rows.</param>
    /// <param name="end">The row behind the last one.</param>
    /// <param name="x">Inputs, <paramref name="stride"/> apart.</param>
    /// <param name="stride">Elements from one input to the next.</param>
    /// <param name="count">Number of inputs.</param>
    /// <param name="y">Results: that of row r for input m goes to y[m · <paramref name="outputStride"/> + r].</param>
    /// <param name="outputStride">Elements from the results of an input to those of the next.</param>
    public static void Multiply(in RowMatrix weight, int first, int end, float* x, nint stride, int count, float* y, nint outputStride)
    {
        if (Vector512.IsHardwareAccelerated)
            Multiply<Lanes512, Vector512<float>>(weight, first, end, x, stride, count, y, outputStride);
        else if (Vector256.IsHardwareAccelerated)
            Multiply<Lanes256, Vector256<float>>(weight, first, end, x, stride, count, y, outputStride);
        else
            Multiply<Lanes128, Vector128<float>>(weight, first, end, x, stride, count, y, outputStride);
    }

    /// <summary>The same with vectors of a given width.</summary>
    public static void Multiply<TLanes, TVector>(
        in RowMatrix weight, int first, int end, float* x, nint stride, int count, float* y, nint outputStride)
        where TLanes : ILanes<TVector>
    {
        switch (weight.Format)
        {
            case RowFormat.Float32:
                Multiply<Float32Format, TLanes, TVector>(weight, first, end, x, stride, count, y, outputStride);
                break;
            case RowFormat.BFloat16:
                Multiply<BFloat16Format, TLanes, TVector>(weight, first, end, x, stride, count, y, outputStride);
                break;
            case RowFormat.Float16:
                Multiply<Float16Format, TLanes, TVector>(weight, first, end, x, stride, count, y, outputStride);
                break;
            default:
                Multiply<Int8Format, TLanes, TVector>(weight, first, end, x, stride, count, y, outputStride);
                break;
        }

        Finish(weight, first, end, count, y, outputStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TFormat, TLanes, TVector>(
        in RowMatrix weight, int first, int end, float* x, nint stride, int count, float* y, nint outputStride)
        where TFormat : IRowFormat
        where TLanes : ILanes<TVector>
    {
        int k = weight.Columns, most = TLanes.Many ? 8 : 4;
        // Rows that are read once for each group of inputs come from memory the first time only.
        int chunk = count <= most ? end - first : (int)Math.Max(1, BytesOfChunk / (weight.RowBytes * RowsAtATime)) * RowsAtATime;
        for (int row = first; row < end; row += chunk)
        {
            byte* w = (byte*)weight.Data + (row * (nint)k * TFormat.Size);
            for (int input = 0; input < count; input += most)
            {
                int rows = Math.Min(chunk, end - row), some = Math.Min(count - input, most);
                float* from = x + (input * stride), to = y + (input * outputStride) + row;
                if (some > 4)
                    Eight<TFormat, TLanes, TVector>(w, rows, k, from, stride, some, to, outputStride);
                else if (some > 2)
                    Four<TFormat, TLanes, TVector>(w, rows, k, from, stride, some, to, outputStride);
                else if (some == 2)
                    Two<TFormat, TLanes, TVector>(w, rows, k, from, from + stride, to, to + outputStride);
                else
                    One<TFormat, TLanes, TVector>(w, rows, k, from, to);
            }
        }
    }

    /// <summary>Multiplies sums by the factors of their rows and adds biases, where there are any.</summary>
    public static void Finish(in RowMatrix weight, int first, int end, int count, float* y, nint outputStride)
    {
        float* scales = (float*)weight.Scales, bias = (float*)weight.Bias;
        for (int input = 0; input < count && (scales != null || bias != null); input++, y += outputStride)
        {
            for (int row = first; row < end; row++)
                y[row] = (y[row] * (scales == null ? 1 : scales[row])) + (bias == null ? 0 : bias[row]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<TFormat, TLanes, TVector>(byte* w, int rows, int k, float* x, float* y)
        where TFormat : IRowFormat
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count, step = n * TFormat.Size, whole = k - (k % n), unrolled = k - (k % (8 * n));
        RowsOfSums<TVector> sums = default;
        for (int row = 0; row < rows; row++)
        {
            TVector a = default!, b = default!, c = default!, d = default!, e = default!, f = default!, g = default!, h = default!;
            int i = 0;
            for (; i < unrolled; i += 8 * n, w += 8 * step)
            {
                a = TLanes.MultiplyAdd(TFormat.Load<TLanes, TVector>(w), TLanes.Load(x + i), a);
                b = TLanes.MultiplyAdd(TFormat.Load<TLanes, TVector>(w + step), TLanes.Load(x + i + n), b);
                c = TLanes.MultiplyAdd(TFormat.Load<TLanes, TVector>(w + (2 * step)), TLanes.Load(x + i + (2 * n)), c);
                d = TLanes.MultiplyAdd(TFormat.Load<TLanes, TVector>(w + (3 * step)), TLanes.Load(x + i + (3 * n)), d);
                e = TLanes.MultiplyAdd(TFormat.Load<TLanes, TVector>(w + (4 * step)), TLanes.Load(x + i + (4 * n)), e);
                f = TLanes.MultiplyAdd(TFormat.Load<TLanes, TVector>(w + (5 * step)), TLanes.Load(x + i + (5 * n)), f);
                g = TLanes.MultiplyAdd(TFormat.Load<TLanes, TVector>(w + (6 * step)), TLanes.Load(x + i + (6 * n)), g);
                h = TLanes.MultiplyAdd(TFormat.Load<TLanes, TVector>(w + (7 * step)), TLanes.Load(x + i + (7 * n)), h);
            }

            for (; i < whole; i += n, w += step)
                a = TLanes.MultiplyAdd(TFormat.Load<TLanes, TVector>(w), TLanes.Load(x + i), a);
            if (unrolled > 0)
                a = TLanes.Add(TLanes.Add(TLanes.Add(a, b), TLanes.Add(c, d)), TLanes.Add(TLanes.Add(e, f), TLanes.Add(g, h)));
            int place = row % RowsOfSums.Count;
            if (whole < k || row - place + RowsOfSums.Count > rows)
            {
                float sum = TLanes.Sum(a);
                for (; i < k; i++, w += TFormat.Size)
                    sum += TFormat.Load(w) * x[i];
                y[row] = sum;
                continue;
            }

            sums[place] = a;
            if (place == RowsOfSums.Count - 1)
                TLanes.Sums(sums[0], sums[1], sums[2], sums[3]).Store(y + row - place);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<TFormat, TLanes, TVector>(byte* w, int rows, int k, float* x, float* z, float* y, float* q)
        where TFormat : IRowFormat
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count, step = n * TFormat.Size, whole = k - (k % n), unrolled = k - (k % (4 * n));
        RowsOfSums<TVector> firsts = default, seconds = default;
        for (int row = 0; row < rows; row++)
        {
            TVector a = default!, b = default!, c = default!, d = default!, e = default!, f = default!, g = default!, h = default!, v;
            int i = 0;
            for (; i < unrolled; i += 4 * n, w += 4 * step)
            {
                v = TFormat.Load<TLanes, TVector>(w);
                a = TLanes.MultiplyAdd(v, TLanes.Load(x + i), a);
                b = TLanes.MultiplyAdd(v, TLanes.Load(z + i), b);
                v = TFormat.Load<TLanes, TVector>(w + step);
                c = TLanes.MultiplyAdd(v, TLanes.Load(x + i + n), c);
                d = TLanes.MultiplyAdd(v, TLanes.Load(z + i + n), d);
                v = TFormat.Load<TLanes, TVector>(w + (2 * step));
                e = TLanes.MultiplyAdd(v, TLanes.Load(x + i + (2 * n)), e);
                f = TLanes.MultiplyAdd(v, TLanes.Load(z + i + (2 * n)), f);
                v = TFormat.Load<TLanes, TVector>(w + (3 * step));
                g = TLanes.MultiplyAdd(v, TLanes.Load(x + i + (3 * n)), g);
                h = TLanes.MultiplyAdd(v, TLanes.Load(z + i + (3 * n)), h);
            }

            for (; i < whole; i += n, w += step)
            {
                v = TFormat.Load<TLanes, TVector>(w);
                a = TLanes.MultiplyAdd(v, TLanes.Load(x + i), a);
                b = TLanes.MultiplyAdd(v, TLanes.Load(z + i), b);
            }

            (a, b) = (TLanes.Add(TLanes.Add(a, c), TLanes.Add(e, g)), TLanes.Add(TLanes.Add(b, d), TLanes.Add(f, h)));
            int place = row % RowsOfSums.Count;
            if (whole < k || row - place + RowsOfSums.Count > rows)
            {
                float first = TLanes.Sum(a), second = TLanes.Sum(b);
                for (; i < k; i++, w += TFormat.Size)
                {
                    float value = TFormat.Load(w);
                    first += value * x[i];
                    second += value * z[i];
                }

                (y[row], q[row]) = (first, second);
                continue;
            }

            (firsts[place], seconds[place]) = (a, b);
            if (place == RowsOfSums.Count - 1)
            {
                TLanes.Sums(firsts[0], firsts[1], firsts[2], firsts[3]).Store(y + row - place);
                TLanes.Sums(seconds[0], seconds[1], seconds[2], seconds[3]).Store(q + row - place);
            }
        }
    }

    /// <summary>Three or four inputs. Where there are fewer, the last one is computed again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TFormat, TLanes, TVector>(byte* w, int rows, int k, float* x, nint stride, int count, float* y, nint outputStride)
        where TFormat : IRowFormat
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count, step = n * TFormat.Size, whole = k - (k % n);
        nint rowBytes = (nint)k * TFormat.Size;
        float* x0 = x, x1 = x + stride, x2 = x1 + stride, x3 = x + ((count - 1) * stride);
        int row = 0;
        for (; row <= rows - RowsAtATime; row += RowsAtATime, w += RowsAtATime * rowBytes)
        {
            TVector a0 = default!, a1 = default!, a2 = default!, a3 = default!;
            TVector b0 = default!, b1 = default!, b2 = default!, b3 = default!;
            TVector c0 = default!, c1 = default!, c2 = default!, c3 = default!;
            // A row ends before the processor has guessed that it goes on, and there are three at once: it is asked for the next ones.
            byte* at = w, next = w + (RowsAtATime * rowBytes);
            for (nint i = 0; i < whole; i += n, at += step)
            {
                // Of bytes so little is read for each product that asking costs more than it saves.
                if (TFormat.Size > sizeof(sbyte))
                    Ahead.Fetch(next, RowsAtATime * step);
                next += RowsAtATime * step;
                TVector a = TFormat.Load<TLanes, TVector>(at), b = TFormat.Load<TLanes, TVector>(at + rowBytes);
                TVector c = TFormat.Load<TLanes, TVector>(at + (2 * rowBytes)), v = TLanes.Load(x0 + i);
                (a0, b0, c0) = (TLanes.MultiplyAdd(a, v, a0), TLanes.MultiplyAdd(b, v, b0), TLanes.MultiplyAdd(c, v, c0));
                v = TLanes.Load(x1 + i);
                (a1, b1, c1) = (TLanes.MultiplyAdd(a, v, a1), TLanes.MultiplyAdd(b, v, b1), TLanes.MultiplyAdd(c, v, c1));
                v = TLanes.Load(x2 + i);
                (a2, b2, c2) = (TLanes.MultiplyAdd(a, v, a2), TLanes.MultiplyAdd(b, v, b2), TLanes.MultiplyAdd(c, v, c2));
                v = TLanes.Load(x3 + i);
                (a3, b3, c3) = (TLanes.MultiplyAdd(a, v, a3), TLanes.MultiplyAdd(b, v, b3), TLanes.MultiplyAdd(c, v, c3));
            }

            TLanes.PutSums(y + row, outputStride, count, new(a0, a1, a2, a3), new(b0, b1, b2, b3), new(c0, c1, c2, c3));
            AddRest<TFormat>(w, rowBytes, RowsAtATime, whole, k, x, stride, count, y + row, outputStride);
        }

        for (int input = 0; input < count && row < rows; input++)
            One<TFormat, TLanes, TVector>(w, rows - row, k, x + (input * stride), y + row + (input * outputStride));
    }

    /// <summary>Five to eight inputs, likewise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<TFormat, TLanes, TVector>(byte* w, int rows, int k, float* x, nint stride, int count, float* y, nint outputStride)
        where TFormat : IRowFormat
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count, step = n * TFormat.Size, whole = k - (k % n);
        nint rowBytes = (nint)k * TFormat.Size, last = (count - 1) * stride;
        float* x0 = x, x1 = x + stride, x2 = x1 + stride, x3 = x2 + stride, x4 = x3 + stride;
        float* x5 = x + Math.Min(5 * stride, last), x6 = x + Math.Min(6 * stride, last), x7 = x + last;
        int row = 0;
        for (; row <= rows - RowsAtATime; row += RowsAtATime, w += RowsAtATime * rowBytes)
        {
            TVector a0 = default!, a1 = default!, a2 = default!, a3 = default!, a4 = default!, a5 = default!, a6 = default!, a7 = default!;
            TVector b0 = default!, b1 = default!, b2 = default!, b3 = default!, b4 = default!, b5 = default!, b6 = default!, b7 = default!;
            TVector c0 = default!, c1 = default!, c2 = default!, c3 = default!, c4 = default!, c5 = default!, c6 = default!, c7 = default!;
            // A row ends before the processor has guessed that it goes on, and there are three at once: it is asked for the next ones.
            byte* at = w, next = w + (RowsAtATime * rowBytes);
            for (nint i = 0; i < whole; i += n, at += step)
            {
                // Of bytes so little is read for each product that asking costs more than it saves.
                if (TFormat.Size > sizeof(sbyte))
                    Ahead.Fetch(next, RowsAtATime * step);
                next += RowsAtATime * step;
                TVector a = TFormat.Load<TLanes, TVector>(at), b = TFormat.Load<TLanes, TVector>(at + rowBytes);
                TVector c = TFormat.Load<TLanes, TVector>(at + (2 * rowBytes)), v = TLanes.Load(x0 + i);
                (a0, b0, c0) = (TLanes.MultiplyAdd(a, v, a0), TLanes.MultiplyAdd(b, v, b0), TLanes.MultiplyAdd(c, v, c0));
                v = TLanes.Load(x1 + i);
                (a1, b1, c1) = (TLanes.MultiplyAdd(a, v, a1), TLanes.MultiplyAdd(b, v, b1), TLanes.MultiplyAdd(c, v, c1));
                v = TLanes.Load(x2 + i);
                (a2, b2, c2) = (TLanes.MultiplyAdd(a, v, a2), TLanes.MultiplyAdd(b, v, b2), TLanes.MultiplyAdd(c, v, c2));
                v = TLanes.Load(x3 + i);
                (a3, b3, c3) = (TLanes.MultiplyAdd(a, v, a3), TLanes.MultiplyAdd(b, v, b3), TLanes.MultiplyAdd(c, v, c3));
                v = TLanes.Load(x4 + i);
                (a4, b4, c4) = (TLanes.MultiplyAdd(a, v, a4), TLanes.MultiplyAdd(b, v, b4), TLanes.MultiplyAdd(c, v, c4));
                v = TLanes.Load(x5 + i);
                (a5, b5, c5) = (TLanes.MultiplyAdd(a, v, a5), TLanes.MultiplyAdd(b, v, b5), TLanes.MultiplyAdd(c, v, c5));
                v = TLanes.Load(x6 + i);
                (a6, b6, c6) = (TLanes.MultiplyAdd(a, v, a6), TLanes.MultiplyAdd(b, v, b6), TLanes.MultiplyAdd(c, v, c6));
                v = TLanes.Load(x7 + i);
                (a7, b7, c7) = (TLanes.MultiplyAdd(a, v, a7), TLanes.MultiplyAdd(b, v, b7), TLanes.MultiplyAdd(c, v, c7));
            }

            float* to = y + row;
            TLanes.PutSums(to, outputStride, 4, new(a0, a1, a2, a3), new(b0, b1, b2, b3), new(c0, c1, c2, c3));
            TLanes.PutSums(to + (4 * outputStride), outputStride, count - 4, new(a4, a5, a6, a7), new(b4, b5, b6, b7), new(c4, c5, c6, c7));
            AddRest<TFormat>(w, rowBytes, RowsAtATime, whole, k, x, stride, count, to, outputStride);
        }

        for (int input = 0; input < count && row < rows; input++)
            One<TFormat, TLanes, TVector>(w, rows - row, k, x + (input * stride), y + row + (input * outputStride));
    }

    /// <summary>Adds the products of the last columns, which fill no vector.</summary>
    private static void AddRest<TFormat>(byte* w, nint rowBytes, int rows, int first, int k, float* x, nint stride, int count, float* y, nint outputStride)
        where TFormat : IRowFormat
    {
        for (int i = first; i < k; i++)
        {
            for (int row = 0; row < rows; row++)
            {
                float value = TFormat.Load(w + (row * rowBytes) + (i * TFormat.Size));
                for (int input = 0; input < count; input++)
                    y[(input * outputStride) + row] += value * x[(input * stride) + i];
            }
        }
    }
}

internal static class RowsOfSums
{
    public const int Count = 4;
}

/// <summary>What the products of some rows have come to, until they are summed up together.</summary>
[InlineArray(RowsOfSums.Count)]
internal struct RowsOfSums<TVector>
{
    private TVector _first;
}
