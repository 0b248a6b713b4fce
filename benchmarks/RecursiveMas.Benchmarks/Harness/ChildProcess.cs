using System.Diagnostics;
using System.Globalization;

namespace RecursiveMas.Benchmarks;

/// <summary>A part of a benchmark in a process of its own: this program with arguments that only it gives itself.</summary>
internal static class ChildProcess
{
    /// <summary>Starts one and waits.</summary>
    /// <returns>The numbers of the last line that it prints.</returns>
    public static double[] Numbers(params string[] arguments)
    {
        long started = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string last = process.StandardOutput.ReadToEnd().Trim().Split('\n')[^1];
        process.WaitForExit();
        string what = string.Join(' ', arguments);
        Console.Error.WriteLine($"{what}: {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s: {last[..Math.Min(120, last.Length)]}");
        return process.ExitCode == 0
            ? [.. last.Split(' ').Select(part => double.Parse(part, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"{what} failed.");
    }

    /// <summary>Prints numbers as <see cref="Numbers"/> reads them.</summary>
    public static void Print(params IEnumerable<double> numbers) =>
        Console.WriteLine(string.Join(' ', numbers.Select(number => number.ToString("G9", CultureInfo.InvariantCulture))));
}
