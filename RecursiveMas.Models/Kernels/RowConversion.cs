using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RecursiveMas.Kernels;

/// <summary>Rows of a weight from one format to another.</summary>
internal static unsafe class RowConversion
{
    /// <summary>Largest byte of a row in <see cref="RowFormat.Int8"/>.</summary>
    private const float MostInt8 = 127;

    // Rows of less are zeros: their factor could not be told from infinity.
    private const float Least = 1e-30f;

    /// <summary>Widens rows to float32, factors of the rows included.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="first">First of the rows.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="to">[count, columns].</param>
    public static void Widen(RowMatrix weight, int first, int count, float* to)
    {
        KernelThreads.For(count, (long)count * weight.Columns, (from, end) =>
        {
            for (int row = from; row < end; row++)
            {
                byte* at = (byte*)weight.Data + ((first + row) * (nint)weight.RowBytes);
                float* target = to + (row * (nint)weight.Columns);
                switch (weight.Format)
                {
                    case RowFormat.BFloat16:
                        Widen<BFloat16Format>(at, target, weight.Columns);
                        break;
                    case RowFormat.Float16:
                        Widen<Float16Format>(at, target, weight.Columns);
                        break;
                    case RowFormat.Int8:
                        Widen<Int8Format>(at, target, weight.Columns);
                        float scale = ((float*)weight.Scales)[first + row];
                        for (int i = 0; i < weight.Columns; i++)
                            target[i] *= scale;
                        break;
                    default:
                        new ReadOnlySpan<float>(at, weight.Columns).CopyTo(new Span<float>(target, weight.Columns));
                        break;
                }
            }
        });
    }

    /// <summary>Rounds rows to bytes: each row's largest element becomes 127, and its factor makes that good.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="bytes">[rows, columns].</param>
    /// <param name="scales">[rows].</param>
    /// <exception cref="ArithmeticException">An element is no finite number.</exception>
    public static void Round(RowMatrix weight, sbyte* bytes, float* scales)
    {
        bool finite = true;
        KernelThreads.For(weight.Rows, 8L * weight.Rows * weight.Columns, (from, end) =>
        {
            float[] row = new float[weight.Columns];
            for (int i = from; i < end; i++)
            {
                fixed (float* wide = row)
                    Widen(weight, i, 1, wide);
                float largest = 0;
                foreach (float value in row)
                    largest = MathF.Max(largest, MathF.Abs(value)); // NaN spreads
                if (!float.IsFinite(largest))
                    Volatile.Write(ref finite, false);
                float factor = largest > Least ? MostInt8 / largest : 0;
                scales[i] = largest / MostInt8;
                sbyte* to = bytes + (i * (nint)weight.Columns);
                for (int column = 0; column < row.Length; column++)
                    to[column] = (sbyte)MathF.Round(row[column] * factor);
            }
        });
        if (!finite)
            throw new ArithmeticException("A weight holds elements that are no finite numbers.");
    }

    private static void Widen<TFormat>(byte* from, float* to, int count)
        where TFormat : IRowFormat
    {
        if (Vector512.IsHardwareAccelerated)
            Widen<TFormat, Lanes512, Vector512<float>>(from, to, count);
        else if (Vector256.IsHardwareAccelerated)
            Widen<TFormat, Lanes256, Vector256<float>>(from, to, count);
        else
            Widen<TFormat, Lanes128, Vector128<float>>(from, to, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen<TFormat, TLanes, TVector>(byte* from, float* to, int count)
        where TFormat : IRowFormat
        where TLanes : ILanes<TVector>
    {
        int i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
            TLanes.Store(TFormat.Load<TLanes, TVector>(from + (i * TFormat.Size)), to + i);
        for (; i < count; i++)
            to[i] = TFormat.Load(from + (i * TFormat.Size));
    }
}
