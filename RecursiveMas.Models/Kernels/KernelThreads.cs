using TorchSharp;

namespace RecursiveMas.Kernels;

/// <summary>Spreads the work of a kernel over threads where there is enough of it.</summary>
internal static class KernelThreads
{
    // About 50 µs of one thread. Waking another one takes up to a fifth of that.
    private const long LeastWork = 500_000;
    private const int PartsPerThread = 4;

    /// <summary>Calls <paramref name="body"/> with ranges that make up 0 … count.</summary>
    /// <param name="count">Number of items, independent of each other.</param>
    /// <param name="work">Multiplications, or what takes as long, of all items together.</param>
    /// <param name="body">Works on the items from one to before another.</param>
    public static void For(int count, long work, Action<int, int> body)
    {
        int threads = count > 1 && work >= LeastWork ? torch.get_num_threads() : 1;
        if (threads == 1)
        {
            body(0, count);
            return;
        }

        int parts = Math.Min(count, threads * PartsPerThread);
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, part =>
            body((int)((long)count * part / parts), (int)((long)count * (part + 1) / parts)));
    }
}
