using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RecursiveMas.Benchmarks;

/// <summary>How fast all processors together read memory from one end to the other: what decoding with one row cannot exceed.</summary>
internal static unsafe class ReadRate
{
    private const long Bytes = 512L << 20;

    /// <returns>Bytes a second, the median of some passes.</returns>
    public static double Measure()
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 4096);
        new Span<byte>(memory, (int)Bytes).Fill(1);
        int threads = Environment.ProcessorCount;
        using var start = new Barrier(threads + 1);
        bool more = true;
        for (int i = 0; i < threads; i++)
        {
            byte* from = memory + (Bytes / threads * i);
            new Thread(() =>
            {
                while (true)
                {
                    start.SignalAndWait();
                    if (!more)
                        return;
                    Read(from, Bytes / threads);
                    start.SignalAndWait();
                }
            }).Start();
        }

        double seconds = SideBySide.Measure(7, () =>
        {
            start.SignalAndWait();
            start.SignalAndWait();
        });
        more = false;
        start.SignalAndWait();
        NativeMemory.AlignedFree(memory);
        return Bytes / seconds;
    }

    private static void Read(byte* from, long count)
    {
        int width = Vector<long>.Count * sizeof(long);
        Vector<long> a = default, b = default, c = default, d = default;
        for (long i = 0; i <= count - (4 * width); i += 4 * width)
        {
            a ^= Vector.Load((long*)(from + i));
            b ^= Vector.Load((long*)(from + i + width));
            c ^= Vector.Load((long*)(from + i + (2 * width)));
            d ^= Vector.Load((long*)(from + i + (3 * width)));
        }

        if (Vector.Sum(a ^ b ^ c ^ d) == long.MaxValue)
            throw new UnreachableException();
    }
}
