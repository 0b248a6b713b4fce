using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RecursiveMas.Kernels;

/// <summary>
/// y = x Wᵀ + b in float32 for many inputs, on weights as they are stored. Some rows of a weight at a time are widened and turned, so that a vector holds
/// the same column of neighbouring rows, and serve all inputs from the processor's second cache. Each result is summed up from column to column, in blocks
/// of columns that are added up one after the other: as oneDNN does it for the reference implementation, so that both round alike, to the last bit on
/// processors with AVX-512.
/// </summary>
internal static unsafe class PanelProduct
{
    // Registers hold the sums of 3 vectors of rows with 8 inputs, or 4 where there are few registers.
    private const int VectorsOfPanel = 3;

    // oneDNN's.
    private const int ColumnsOfBlock = 384;

    [ThreadStatic]
    private static float[]? t_scratch;

    /// <summary>Whether this processor has vectors that are faster here than libtorch on widened weights.</summary>
    public static bool IsFast => Vector256.IsHardwareAccelerated || System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported;

    /// <summary>Multiplies all rows of a weight, on all threads.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="x">[count, columns].</param>
    /// <param name="count">Number of inputs.</param>
    /// <param name="y">Results: that of row r for input m goes to y[m · <paramref name="outputStride"/> + r].</param>
    /// <param name="outputStride">Elements from the results of an input to those of the next.</param>
    public static void Multiply(RowMatrix weight, float* x, int count, float* y, nint outputStride)
    {
        if (Vector512.IsHardwareAccelerated)
            Multiply<Lanes512, Vector512<float>>(weight, x, count, y, outputStride);
        else if (Vector256.IsHardwareAccelerated)
            Multiply<Lanes256, Vector256<float>>(weight, x, count, y, outputStride);
        else
            Multiply<Lanes128, Vector128<float>>(weight, x, count, y, outputStride);
    }

    /// <summary>The same with vectors of a given width.</summary>
    public static void Multiply<TLanes, TVector>(RowMatrix weight, float* x, int count, float* y, nint outputStride)
        where TLanes : ILanes<TVector>
    {
        int width = VectorsOfPanel * TLanes.Count, panels = (weight.Rows + width - 1) / width;
        KernelThreads.For(panels, (long)count * weight.Columns * weight.Rows, (first, end) =>
        {
            for (int panel = first; panel < end; panel++)
            {
                int row = panel * width, rows = Math.Min(width, weight.Rows - row);
                switch (weight.Format)
                {
                    case RowFormat.Float32:
                        Panel<Float32Format, TLanes, TVector>(weight, row, rows, x, count, y + row, outputStride);
                        break;
                    case RowFormat.BFloat16:
                        Panel<BFloat16Format, TLanes, TVector>(weight, row, rows, x, count, y + row, outputStride);
                        break;
                    case RowFormat.Float16:
                        Panel<Float16Format, TLanes, TVector>(weight, row, rows, x, count, y + row, outputStride);
                        break;
                    default:
                        Panel<Int8Format, TLanes, TVector>(weight, row, rows, x, count, y + row, outputStride);
                        break;
                }

                RowProduct.Finish(weight, row, row + rows, count, y, outputStride);
            }
        });
    }

    /// <summary>The rows of one panel with all inputs, block by block.</summary>
    private static void Panel<TFormat, TLanes, TVector>(in RowMatrix weight, int row, int rows, float* x, int count, float* y, nint outputStride)
        where TFormat : IRowFormat
        where TLanes : ILanes<TVector>
    {
        const int Most = 8;
        int width = VectorsOfPanel * TLanes.Count, k = weight.Columns, most = TLanes.Many ? Most : Most / 2, needed = (ColumnsOfBlock + Most) * width;
        if (t_scratch is null || t_scratch.Length < needed)
            t_scratch = GC.AllocateUninitializedArray<float>(needed, pinned: true);
        fixed (float* panel = t_scratch)
        {
            // Where a panel is not full, sums are put together beside the results, which belong to others there.
            float* tile = panel + (ColumnsOfBlock * width);
            for (int column = 0, columns; column < k; column += columns)
            {
                columns = Block(k - column);
                Turn<TFormat>(weight, row, rows, column, columns, panel, width);
                for (int input = 0; input < count; input += most)
                {
                    int some = Math.Min(most, count - input);
                    float* from = x + (input * (nint)k) + column, to = y + (input * outputStride);
                    bool direct = rows == width && some == most;
                    float* sums = direct ? to : tile;
                    nint step = direct ? outputStride : width;
                    if (!direct && column > 0)
                        Copy(to, outputStride, tile, width, some, rows);
                    if (TLanes.Many)
                        Eight<TLanes, TVector>(panel, columns, from, k, some, sums, step, column > 0);
                    else
                        Four<TLanes, TVector>(panel, columns, from, k, some, sums, step, column > 0);
                    if (!direct)
                        Copy(tile, width, to, outputStride, some, rows);
                }
            }
        }
    }

    /// <summary>Columns of the next block of so many that are left: the last two share what is more than one.</summary>
    private static int Block(int left) => left >= 2 * ColumnsOfBlock ? ColumnsOfBlock : left > ColumnsOfBlock ? (left + 1) / 2 : left;

    private static void Copy(float* from, nint fromStep, float* to, nint toStep, int inputs, int rows)
    {
        for (int input = 0; input < inputs; input++)
            new ReadOnlySpan<float>(from + (input * fromStep), rows).CopyTo(new Span<float>(to + (input * toStep), rows));
    }

    /// <summary>Brings columns of rows into a panel, [columns, width], as float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Turn<TFormat>(in RowMatrix weight, int row, int rows, int column, int columns, float* panel, int width)
        where TFormat : IRowFormat
    {
        const int Side = 4;
        nint rowBytes = (nint)weight.RowBytes;
        byte* from = (byte*)weight.Data + (row * rowBytes) + ((nint)column * TFormat.Size);
        int wholeRows = Sse.IsSupported ? rows - (rows % Side) : 0, wholeColumns = columns - (columns % Side);
        for (int r = 0; r < wholeRows; r += Side)
        {
            byte* at = from + (r * rowBytes);
            float* to = panel + r;
            for (int i = 0; i < wholeColumns; i += Side, at += Side * TFormat.Size, to += Side * width)
            {
                Vector128<float> a = TFormat.Load<Lanes128, Vector128<float>>(at), b = TFormat.Load<Lanes128, Vector128<float>>(at + rowBytes);
                Vector128<float> c = TFormat.Load<Lanes128, Vector128<float>>(at + (2 * rowBytes));
                Vector128<float> d = TFormat.Load<Lanes128, Vector128<float>>(at + (3 * rowBytes));
                Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d);
                Sse.MoveLowToHigh(ab, cd).Store(to);
                Sse.MoveHighToLow(cd, ab).Store(to + width);
                (ab, cd) = (Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d));
                Sse.MoveLowToHigh(ab, cd).Store(to + (2 * width));
                Sse.MoveHighToLow(cd, ab).Store(to + (3 * width));
            }

            for (int i = wholeColumns; i < columns; i++, at += TFormat.Size, to += width)
            {
                for (int j = 0; j < Side; j++)
                    to[j] = TFormat.Load(at + (j * rowBytes));
            }
        }

        for (int r = wholeRows; r < rows; r++)
        {
            byte* at = from + (r * rowBytes);
            for (int i = 0; i < columns; i++)
                panel[((nint)i * width) + r] = TFormat.Load(at + (i * TFormat.Size));
        }

        for (int i = 0; i < columns && rows < width; i++)
            new Span<float>(panel + ((nint)i * width) + rows, width - rows).Clear();
    }

    /// <summary>Up to four inputs with a panel. Where there are fewer, the last one is computed again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TLanes, TVector>(float* panel, int columns, float* x, nint stride, int count, float* y, nint step, bool goOn)
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count;
        nint last = (count - 1) * stride;
        float* x1 = x + Math.Min(stride, last), x2 = x + Math.Min(2 * stride, last), x3 = x + last;
        TVector a0 = default!, a1 = default!, a2 = default!, a3 = default!, b0 = default!, b1 = default!, b2 = default!, b3 = default!;
        TVector c0 = default!, c1 = default!, c2 = default!, c3 = default!;
        for (nint i = 0; i < columns; i++, panel += VectorsOfPanel * n)
        {
            TVector a = TLanes.Load(panel), b = TLanes.Load(panel + n), c = TLanes.Load(panel + (2 * n)), v = TLanes.All(x[i]);
            (a0, b0, c0) = (TLanes.MultiplyAdd(a, v, a0), TLanes.MultiplyAdd(b, v, b0), TLanes.MultiplyAdd(c, v, c0));
            v = TLanes.All(x1[i]);
            (a1, b1, c1) = (TLanes.MultiplyAdd(a, v, a1), TLanes.MultiplyAdd(b, v, b1), TLanes.MultiplyAdd(c, v, c1));
            v = TLanes.All(x2[i]);
            (a2, b2, c2) = (TLanes.MultiplyAdd(a, v, a2), TLanes.MultiplyAdd(b, v, b2), TLanes.MultiplyAdd(c, v, c2));
            v = TLanes.All(x3[i]);
            (a3, b3, c3) = (TLanes.MultiplyAdd(a, v, a3), TLanes.MultiplyAdd(b, v, b3), TLanes.MultiplyAdd(c, v, c3));
        }

        Put<TLanes, TVector>(y, a0, b0, c0, goOn);
        Put<TLanes, TVector>(y + step, a1, b1, c1, goOn);
        Put<TLanes, TVector>(y + (2 * step), a2, b2, c2, goOn);
        Put<TLanes, TVector>(y + (3 * step), a3, b3, c3, goOn);
    }

    /// <summary>Up to eight inputs, likewise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<TLanes, TVector>(float* panel, int columns, float* x, nint stride, int count, float* y, nint step, bool goOn)
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count;
        nint last = (count - 1) * stride;
        float* x1 = x + Math.Min(stride, last), x2 = x + Math.Min(2 * stride, last), x3 = x + Math.Min(3 * stride, last), x4 = x + Math.Min(4 * stride, last);
        float* x5 = x + Math.Min(5 * stride, last), x6 = x + Math.Min(6 * stride, last), x7 = x + last;
        TVector a0 = default!, a1 = default!, a2 = default!, a3 = default!, a4 = default!, a5 = default!, a6 = default!, a7 = default!;
        TVector b0 = default!, b1 = default!, b2 = default!, b3 = default!, b4 = default!, b5 = default!, b6 = default!, b7 = default!;
        TVector c0 = default!, c1 = default!, c2 = default!, c3 = default!, c4 = default!, c5 = default!, c6 = default!, c7 = default!;
        for (nint i = 0; i < columns; i++, panel += VectorsOfPanel * n)
        {
            TVector a = TLanes.Load(panel), b = TLanes.Load(panel + n), c = TLanes.Load(panel + (2 * n)), v = TLanes.All(x[i]);
            (a0, b0, c0) = (TLanes.MultiplyAdd(a, v, a0), TLanes.MultiplyAdd(b, v, b0), TLanes.MultiplyAdd(c, v, c0));
            v = TLanes.All(x1[i]);
            (a1, b1, c1) = (TLanes.MultiplyAdd(a, v, a1), TLanes.MultiplyAdd(b, v, b1), TLanes.MultiplyAdd(c, v, c1));
            v = TLanes.All(x2[i]);
            (a2, b2, c2) = (TLanes.MultiplyAdd(a, v, a2), TLanes.MultiplyAdd(b, v, b2), TLanes.MultiplyAdd(c, v, c2));
            v = TLanes.All(x3[i]);
            (a3, b3, c3) = (TLanes.MultiplyAdd(a, v, a3), TLanes.MultiplyAdd(b, v, b3), TLanes.MultiplyAdd(c, v, c3));
            v = TLanes.All(x4[i]);
            (a4, b4, c4) = (TLanes.MultiplyAdd(a, v, a4), TLanes.MultiplyAdd(b, v, b4), TLanes.MultiplyAdd(c, v, c4));
            v = TLanes.All(x5[i]);
            (a5, b5, c5) = (TLanes.MultiplyAdd(a, v, a5), TLanes.MultiplyAdd(b, v, b5), TLanes.MultiplyAdd(c, v, c5));
            v = TLanes.All(x6[i]);
            (a6, b6, c6) = (TLanes.MultiplyAdd(a, v, a6), TLanes.MultiplyAdd(b, v, b6), TLanes.MultiplyAdd(c, v, c6));
            v = TLanes.All(x7[i]);
            (a7, b7, c7) = (TLanes.MultiplyAdd(a, v, a7), TLanes.MultiplyAdd(b, v, b7), TLanes.MultiplyAdd(c, v, c7));
        }

        Put<TLanes, TVector>(y, a0, b0, c0, goOn);
        Put<TLanes, TVector>(y + step, a1, b1, c1, goOn);
        Put<TLanes, TVector>(y + (2 * step), a2, b2, c2, goOn);
        Put<TLanes, TVector>(y + (3 * step), a3, b3, c3, goOn);
        Put<TLanes, TVector>(y + (4 * step), a4, b4, c4, goOn);
        Put<TLanes, TVector>(y + (5 * step), a5, b5, c5, goOn);
        Put<TLanes, TVector>(y + (6 * step), a6, b6, c6, goOn);
        Put<TLanes, TVector>(y + (7 * step), a7, b7, c7, goOn);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes, TVector>(float* to, TVector a, TVector b, TVector c, bool goOn)
        where TLanes : ILanes<TVector>
    {
        int n = TLanes.Count;
        if (goOn)
            (a, b, c) = (TLanes.Add(TLanes.Load(to), a), TLanes.Add(TLanes.Load(to + n), b), TLanes.Add(TLanes.Load(to + (2 * n)), c));
        TLanes.Store(a, to);
        TLanes.Store(b, to + n);
        TLanes.Store(c, to + (2 * n));
    }
}
