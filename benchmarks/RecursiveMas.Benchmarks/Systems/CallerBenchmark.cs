using System.Collections.Concurrent;
using System.Diagnostics;

namespace RecursiveMas.Benchmarks;

/// <summary>
/// Many callers of one system, also with answers of a usual length, long prompts beside short ones, and what later rounds read. Arguments: the folder of a real
/// model, and one of the parts if it is to be run alone.
/// </summary>
internal static class CallerBenchmark
{
    private const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- callers FOLDER";
    private const string Question = "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?";

    private const int Pairs = 3;

    private static readonly int[] s_callers = [1, 2, 4, 8, 16, 32];

    public static int Run(string[] arguments)
    {
        var parts = new Dictionary<string, Action<string>>(StringComparer.Ordinal)
        {
            ["throughput"] = Callers,
            ["whole-answers"] = WholeAnswers,
            ["long-prompts"] = LongPrompts,
            ["later-rounds"] = LaterRounds,
        };
        if (arguments.Length is < 1 or > 2 || (arguments.Length == 2 && !parts.ContainsKey(arguments[1])))
        {
            Console.Error.WriteLine($"usage: {Command} [{string.Join(" | ", parts.Keys)}]");
            return 2;
        }

        foreach ((string name, Action<string> part) in parts)
        {
            if (arguments.Length == 1 || arguments[1] == name)
                part(arguments[0]);
        }

        return 0;
    }

    private static void Callers(string folder)
    {
        var table = new ResultTable(
            "Callers at once, questions a second", Command, "callers", "sequential_tiny", "against one", "rows a step", "real model in all roles",
            "against one", "rows a step");
        using MasSystem tiny = MasSystem.Load("sequential_tiny", new MasOptions { MaxConcurrency = 64 });
        using var real = new RealSystem(folder);
        StepScheduler[] tinySteps = [.. tiny.Agents.Values.Select(agent => ((LatentAgent)agent).Steps)];
        Func<Task<MasAnswer>> askTiny = () => tiny.AskAsync(Question), askReal = () => real.AskAsync(20, 2, 16, 32);
        Rate(4, 400, askTiny);
        Rate(2, 2, askReal);
        foreach (int callers in s_callers)
        {
            Many small = Measure(callers, Math.Max(48, 12 * callers), tinySteps, askTiny), large = Measure(callers, callers, [real.Steps], askReal);
            table.Add(
                callers,
                $"{small.Rate:0.0}",
                $"{small.Ratio:0.00}",
                $"{small.RowsPerStep:0.0}",
                $"{large.Rate:0.00}",
                $"{large.Ratio:0.00}",
                $"{large.RowsPerStep:0.0}");
        }

        table.Write(
            "callers",
            "sequential_tiny answers as published: three rounds, about 50 tokens. The real model: two rounds of planner, critic and solver, 16 latent steps, " +
            "32 tokens, float32. "
            + "Each number of callers takes turns with one caller; ratios are medians of three pairs.");
    }

    private static void WholeAnswers(string folder)
    {
        const int Callers = 8, Words = 75;
        using var real = new RealSystem(folder);
        MasAnswer answer = real.AskAsync(Words, 3, 32, 128).GetAwaiter().GetResult();
        var waits = new ConcurrentBag<double>();
        Many many = Measure(Callers, Callers, [real.Steps], async () =>
        {
            long started = Stopwatch.GetTimestamp();
            MasAnswer given = await real.AskAsync(Words, 3, 32, 128).ConfigureAwait(false);
            waits.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            return given;
        });
        // The lonely callers' times are the shortest.
        double[] together = [.. waits.Order().Skip(Pairs)];
        var table = new ResultTable(
            "Answers of a usual length, eight callers against one",
            Command,
            "callers",
            "answers a second",
            "against one",
            "rows a step",
            "shortest wait, s",
            "longest wait, s");
        table.Add(Callers, $"{many.Rate:0.000}", $"{many.Ratio:0.00}", $"{many.RowsPerStep:0.0}", $"{together[0]:0.0}", $"{together[^1]:0.0}");
        table.Write(
            "whole-answers",
            $"One real model as planner, critic and solver, three rounds, prompts of {answer.Usage.PromptTokens / 9} tokens, 32 latent steps, 128 tokens, " +
            "float32. Eight callers take turns with one; the ratio is the median of three pairs.");
    }

    /// <summary>Several callers and one caller in turn, so that both meet the machine in the same state.</summary>
    private static Many Measure(int callers, int questions, StepScheduler[] loops, Func<Task<MasAnswer>> ask)
    {
        (long steps, long rows) = (0, 0);
        var pairs = new List<(double Rate, double Ratio)>();
        for (int i = 0; i < Pairs; i++)
        {
            (steps, rows) = (steps - loops.Sum(loop => loop.Steps), rows - loops.Sum(loop => loop.Rows));
            double rate = Rate(callers, questions, ask);
            (steps, rows) = (steps + loops.Sum(loop => loop.Steps), rows + loops.Sum(loop => loop.Rows));
            pairs.Add((rate, rate / Rate(1, Math.Max(1, questions / callers), ask)));
        }

        Console.WriteLine($"{callers} callers: {string.Join(", ", pairs.Select(pair => $"{pair.Rate:0.00} a second, {pair.Ratio:0.00}"))}");
        return new Many(SideBySide.Median(pairs.Select(pair => pair.Rate)), SideBySide.Median(pairs.Select(pair => pair.Ratio)), (double)rows / steps);
    }

    private static void LongPrompts(string folder)
    {
        using var real = new RealSystem(folder);
        real.AskAsync(20, 1, 4, 4).GetAwaiter().GetResult();
        var clock = Stopwatch.StartNew();
        real.AskAsync(20, 1, 2, 1).GetAwaiter().GetResult();
        TimeSpan alone = clock.Elapsed;
        using var stop = new CancellationTokenSource();
        long before = real.Steps.Steps;
        Task<MasAnswer> reading = real.AskAsync(1500, 1, 2, 1, null, stop.Token);
        while (real.Steps.Steps < before + 2)
            Thread.Sleep(1);
        (long start, double first) = (real.Steps.Steps, 0);
        clock.Restart();
        long stepsToFirst = 0;
        real.AskAsync(20, 1, 2, 1, update =>
        {
            if (first > 0 || update is not LatentStepTaken)
                return;
            first = clock.Elapsed.TotalSeconds;
            stepsToFirst = real.Steps.Steps - start;
        }).GetAwaiter().GetResult();
        bool stillReading = !reading.IsCompleted;
        clock.Restart();
        long cancelledAt = real.Steps.Steps;
        stop.Cancel();
        try
        {
            reading.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
        }

        var table = new ResultTable(
            "A short question while a long prompt is read",
            Command,
            "short question alone, s",
            "first latent step beside the long prompt, s",
            "steps until then",
            "long prompt still being read then",
            "cancelling it, s",
            "steps until it ended");
        table.Add(
            $"{alone.TotalSeconds:0.00}",
            $"{first:0.00}",
            stepsToFirst,
            stillReading ? "yes" : "no",
            $"{clock.Elapsed.TotalSeconds:0.00}",
            real.Steps.Steps - cancelledAt);
        table.Write("long-prompts", "The long question has 1,500 words; a step reads at most 512 positions of prompts.");
    }

    private static void LaterRounds(string folder)
    {
        using var real = new RealSystem(folder);
        real.AskAsync(20, 1, 4, 4).GetAwaiter().GetResult();
        var table = new ResultTable(
            "What later rounds read: three rounds of planner, critic and solver",
            Command,
            "question, words",
            "latent steps",
            "positions of all prompts",
            "of them read",
            "share",
            "s a question");
        foreach (int words in new[] { 50, 200 })
        {
            foreach (int steps in new[] { 4, 16 })
            {
                MasAnswer answer = real.AskAsync(words, 3, steps, 1).GetAwaiter().GetResult();
                double seconds = SideBySide.Measure(3, () => real.AskAsync(words, 3, steps, 1).GetAwaiter().GetResult());
                int read = answer.Usage.PromptTokens - answer.Usage.ReusedPositions;
                table.Add(words, steps, answer.Usage.PromptTokens, read, $"{(double)read / answer.Usage.PromptTokens:0.00}", $"{seconds:0.00}");
            }
        }

        table.Write("later-rounds", "Planner and critic have the question before their slot, the solver behind it. One token is written.");
    }

    /// <summary>Answers a second of so many callers that ask one question after the other.</summary>
    private static double Rate(int callers, int questions, Func<Task<MasAnswer>> ask)
    {
        int left = questions;
        long started = Stopwatch.GetTimestamp();
        Task.WaitAll([.. Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await ask().ConfigureAwait(false);
        }))]);
        return questions / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private readonly record struct Many(double Rate, double Ratio, double RowsPerStep);
}
