using System.Diagnostics;

namespace RecursiveMas.Benchmarks;

/// <summary>Times two ways of doing the same thing in turn, A B A B …, so that a drifting machine hits both alike.</summary>
internal static class SideBySide
{
    /// <summary>Median seconds of each and the median of the pairwise ratios B / A.</summary>
    public static (double A, double B, double Ratio) Measure(int runs, Action a, Action b)
    {
        a();
        b();
        var pairs = new (double A, double B)[runs];
        for (int i = 0; i < runs; i++)
            pairs[i] = (Seconds(a), Seconds(b));
        return (Median(pairs.Select(pair => pair.A)), Median(pairs.Select(pair => pair.B)), Median(pairs.Select(pair => pair.B / pair.A)));
    }

    /// <summary>Median seconds of one action after one run to warm up.</summary>
    public static double Measure(int runs, Action action)
    {
        action();
        return Median(Enumerable.Range(0, runs).Select(_ => Seconds(action)));
    }

    public static double Seconds(Action action)
    {
        long started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
