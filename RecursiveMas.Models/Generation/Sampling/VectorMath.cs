using System.Numerics;

namespace RecursiveMas.Generation.Sampling;

/// <summary>Loops over one row of scores.</summary>
internal static class VectorMath
{
    private static int Width => Vector<float>.Count;

    /// <summary>The largest value; NaN if there is one.</summary>
    public static float Largest(ReadOnlySpan<float> values)
    {
        var largest = new Vector<float>(float.NegativeInfinity);
        int i = 0;
        for (; i <= values.Length - Width; i += Width)
            largest = Vector.Max(largest, new Vector<float>(values[i..]));
        float result = float.NegativeInfinity;
        for (int lane = 0; lane < Width; lane++)
            result = MathF.Max(result, largest[lane]);
        for (; i < values.Length; i++)
            result = MathF.Max(result, values[i]);
        return result;
    }

    public static void Divide(ReadOnlySpan<float> values, float divisor, Span<float> result)
    {
        var divisors = new Vector<float>(divisor);
        int i = 0;
        for (; i <= values.Length - Width; i += Width)
            (new Vector<float>(values[i..]) / divisors).CopyTo(result[i..]);
        for (; i < values.Length; i++)
            result[i] = values[i] / divisor;
    }

    /// <summary>exp(value - largest). The rest of the last vector goes through the same function, so that equal scores always have equal weights.</summary>
    public static void ExpOfDifference(ReadOnlySpan<float> values, float largest, Span<float> result)
    {
        var subtrahend = new Vector<float>(largest);
        int i = 0;
        for (; i <= values.Length - Width; i += Width)
            Exp(new Vector<float>(values[i..]) - subtrahend).CopyTo(result[i..]);
        if (i == values.Length)
            return;
        Span<float> rest = stackalloc float[Width];
        values[i..].CopyTo(rest);
        Exp(new Vector<float>(rest) - subtrahend).CopyTo(rest);
        rest[..(values.Length - i)].CopyTo(result[i..]);
    }

    // The float32 function is up to two units in the last place off, exp(0) included, which shows at exact borders.
    private static Vector<float> Exp(Vector<float> values)
    {
        Vector.Widen(values, out Vector<double> low, out Vector<double> high);
        return Vector.Narrow(Vector.Exp(low), Vector.Exp(high));
    }

    /// <summary>The sum, accumulated in double.</summary>
    public static double Sum(ReadOnlySpan<float> values)
    {
        Vector<double> low = default, high = default;
        int i = 0;
        for (; i <= values.Length - Width; i += Width)
        {
            Vector.Widen(new Vector<float>(values[i..]), out Vector<double> a, out Vector<double> b);
            low += a;
            high += b;
        }

        double sum = Vector.Sum(low + high);
        for (; i < values.Length; i++)
            sum += values[i];
        return sum;
    }

    /// <summary>The k-th largest value, or minus infinity if fewer are larger than that. No NaN may be among them.</summary>
    /// <param name="values">At least k.</param>
    /// <param name="k">From 1.</param>
    /// <param name="buffer">Working space, replaced if too small.</param>
    public static float KthLargest(ReadOnlySpan<float> values, int k, ref float[] buffer)
    {
        // Whatever exceeds the k-th largest so far is gathered; a full buffer is cut back to its k largest.
        int capacity = k + Math.Max(k, 64);
        if (buffer.Length < capacity)
            buffer = new float[capacity];
        Span<float> gathered = buffer.AsSpan(0, capacity);
        float floor = float.NegativeInfinity;
        int count = 0;
        for (int i = 0; i < values.Length; i += Width)
        {
            int end = Math.Min(i + Width, values.Length);
            if (end - i == Width && !Vector.GreaterThanAny(new Vector<float>(values[i..]), new Vector<float>(floor)))
                continue;
            for (int j = i; j < end; j++)
            {
                if (!(values[j] > floor))
                    continue;
                gathered[count++] = values[j];
                if (count == capacity)
                    floor = KeepLargest(gathered, ref count, k);
            }
        }

        return count >= k ? KeepLargest(gathered, ref count, k) : float.NegativeInfinity;
    }

    private static float KeepLargest(Span<float> gathered, ref int count, int k)
    {
        Span<float> all = gathered[..count];
        all.Sort();
        all[^k..].CopyTo(all);
        count = k;
        return all[0];
    }
}
