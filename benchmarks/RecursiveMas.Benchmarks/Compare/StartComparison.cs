using System.Diagnostics;

namespace RecursiveMas.Benchmarks;

/// <summary>QuickStart as a user meets it: from the start of its process to the first token of the answer, and to its end.</summary>
internal static class StartComparison
{
    public const string Part = "start";
    private const string Question = "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?";

    public static void Run(int processes)
    {
        // The first one brings the files into the cache of the system.
        Start();
        (double First, double End)[] times = [.. Enumerable.Range(0, processes).Select(_ => Start())];
        var table = new ResultTable(
            "QuickStart: from the start of the process", CompareBenchmark.Command, "system", "first token, s", "end of the process, s");
        table.Add("sequential_tiny", Spread.Of(times.Select(time => time.First), "0.00"), Spread.Of(times.Select(time => time.End), "0.00"));
        table.WriteSection(
            CompareBenchmark.Name,
            CompareBenchmark.Page,
            $"Median and range of {processes} processes with warm file cache: the built program is started with a question, loads the system, thinks for " +
            "three rounds and writes.");
    }

    private static (double First, double End) Start()
    {
        long started = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo(Program()) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Question);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> notes = process.StandardError.ReadToEndAsync();
        int character = process.StandardOutput.Read();
        double first = Stopwatch.GetElapsedTime(started).TotalSeconds;
        string rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double end = Stopwatch.GetElapsedTime(started).TotalSeconds;
        string answer = (char)character + rest;
        Console.Error.WriteLine($"QuickStart: {first:0.00} s, {end:0.00} s: {answer.Trim()}");
        return process.ExitCode == 0 && answer.Contains("13", StringComparison.Ordinal)
            ? (first, end)
            : throw new InvalidOperationException($"QuickStart did not answer: {answer} {notes.Result}");
    }

    /// <summary>The program that was built with this one.</summary>
    private static string Program()
    {
        // bin/CONFIGURATION/FRAMEWORK/PLATFORM of the benchmarks and of the sample.
        string own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar), benchmarks = Path.Combine(own, "..", "..", "..", "..");
        string output = Path.GetRelativePath(benchmarks, own), name = OperatingSystem.IsWindows() ? "QuickStart.exe" : "QuickStart";
        string program = Path.GetFullPath(Path.Combine(benchmarks, "..", "..", "samples", "QuickStart", output, name));
        return File.Exists(program) ? program : throw new FileNotFoundException("QuickStart is not built with the benchmarks.", program);
    }
}
