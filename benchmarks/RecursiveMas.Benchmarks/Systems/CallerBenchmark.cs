using System.Diagnostics;

namespace RecursiveMas.Benchmarks;

/// <summary>Many callers of one system, long prompts beside short ones, and what later rounds read. Argument: the folder of a real model.</summary>
internal static class CallerBenchmark
{
    private const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- callers FOLDER";
    private const string Question = "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?";

    private static readonly int[] s_callers = [1, 2, 4, 8, 16, 32];

    public static int Run(string[] arguments)
    {
        if (arguments.Length != 1)
        {
            Console.Error.WriteLine($"usage: {Command}");
            return 2;
        }

        Callers(arguments[0]);
        LongPrompts(arguments[0]);
        LaterRounds(arguments[0]);
        return 0;
    }

    private static void Callers(string folder)
    {
        var table = new ResultTable("Callers at once, questions a second", Command, "callers", "sequential_tiny", "against one", "rows a step", "real model in all roles", "against one", "rows a step");
        using MasSystem tiny = MasSystem.Load("sequential_tiny", new MasOptions { MaxConcurrency = 64 });
        using var real = new RealSystem(folder);
        tiny.AskAsync(Question).GetAwaiter().GetResult();
        real.AskAsync(20, 2, 4, 4).GetAwaiter().GetResult();
        (double tinyAlone, double realAlone) = (0, 0);
        foreach (int callers in s_callers)
        {
            StepScheduler[] loops = [.. tiny.Agents.Values.Select(agent => ((LatentAgent)agent).Steps)];
            (long steps, long rows) = (loops.Sum(loop => loop.Steps), loops.Sum(loop => loop.Rows));
            double few = Rate(callers, Math.Max(48, 8 * callers), () => tiny.AskAsync(Question));
            double tinyRows = (double)(loops.Sum(loop => loop.Rows) - rows) / (loops.Sum(loop => loop.Steps) - steps);
            (steps, rows) = (real.Steps.Steps, real.Steps.Rows);
            double many = Rate(callers, Math.Max(4, 2 * callers), () => real.AskAsync(60, 2, 16, 32));
            double realRows = (double)(real.Steps.Rows - rows) / (real.Steps.Steps - steps);
            if (callers == 1)
                (tinyAlone, realAlone) = (few, many);
            table.Add(callers, $"{few:0.0}", $"{few / tinyAlone:0.00}", $"{tinyRows:0.0}", $"{many:0.00}", $"{many / realAlone:0.00}", $"{realRows:0.0}");
        }

        table.Write("callers", "sequential_tiny answers as published: three rounds, about 50 tokens. The real model: two rounds of planner, critic and solver, 16 latent steps, 32 tokens, float32.");
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

        var table = new ResultTable("A short question while a long prompt is read", Command, "short question alone, s", "first latent step beside the long prompt, s", "steps until then", "long prompt still being read then", "cancelling it, s", "steps until it ended");
        table.Add($"{alone.TotalSeconds:0.00}", $"{first:0.00}", stepsToFirst, stillReading ? "yes" : "no", $"{clock.Elapsed.TotalSeconds:0.00}", real.Steps.Steps - cancelledAt);
        table.Write("long-prompts", "The long question has 1,500 words; a step reads at most 512 positions of prompts.");
    }

    private static void LaterRounds(string folder)
    {
        using var real = new RealSystem(folder);
        real.AskAsync(20, 1, 4, 4).GetAwaiter().GetResult();
        var table = new ResultTable("What later rounds read: three rounds of planner, critic and solver", Command, "question, words", "latent steps", "positions of all prompts", "of them read", "share", "s a question");
        foreach (int words in new[] { 50, 200 })
        {
            foreach (int steps in new[] { 4, 16 })
            {
                MasAnswer answer = real.AskAsync(words, 3, steps, 1).GetAwaiter().GetResult();
                double seconds = SideBySide.Measure(5, () => real.AskAsync(words, 3, steps, 1).GetAwaiter().GetResult());
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
}
