namespace RecursiveMas.Kernels;

/// <summary>Spreads the work of a kernel over threads where there is enough of it.</summary>
internal static class KernelThreads
{
    // About 50 µs of one thread. Waking another one takes up to a fifth of that.
    private const long LeastWork = 500_000;
    private const int PartsPerThread = 8;

    /// <summary>Calls <paramref name="body"/> with ranges that make up 0 … count.</summary>
    /// <param name="count">Number of items, independent of each other.</param>
    /// <param name="work">Multiplications, or what takes as long, of all items together.</param>
    /// <param name="body">Works on the items from one to before another.</param>
    public static void For(int count, long work, Action<int, int> body)
    {
        int threads = count > 1 && work >= LeastWork ? KernelTeam.Threads : 1;
        if (threads == 1)
            body(0, count);
        else
            KernelTeam.Instance.Run(new Job(count, Math.Min(count, threads * PartsPerThread), threads, body), threads);
    }

    private sealed class Job : TeamJob
    {
        private readonly int _count, _parts, _threads;
        private readonly Action<int, int> _body;
        private TeamPhase _phase;

        public Job(int count, int parts, int threads, Action<int, int> body)
        {
            (_count, _parts, _threads, _body) = (count, parts, threads, body);
            _phase.Begin(parts);
        }

        protected override void Work(int member)
        {
            while (_phase.TryTake(_threads, out int first, out int end))
            {
                _body((int)((long)_count * first / _parts), (int)((long)_count * end / _parts));
                _phase.Finish(end - first);
            }

            Await(ref _phase);
        }
    }
}
