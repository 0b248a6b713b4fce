using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace RecursiveMas.Benchmarks;

/// <summary>10,000 answers scored on one core by both sets of rules.</summary>
internal static class ScoringBenchmark
{
    private const int Answers = 10_000, Runs = 7;

    public static int Run(string[] arguments)
    {
        string folder = arguments.FirstOrDefault() ?? Path.Combine("tests", "Goldens", "scoring");
        var table = new ResultTable(
            $"Scoring: {Answers} answers on one core", "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- scoring [FOLDER]",
            "answers", "as the reference, s", "strictly, s", "both, s (smallest to largest)");
        foreach ((string file, AnswerComparison comparison) in ((string, AnswerComparison)[])
            [("strict.jsonl", AnswerComparison.Mathematics), ("reference.jsonl", AnswerComparison.Mathematics)])
        {
            (string Output, string Gold)[] rows = Read(Path.Combine(folder, file));
            double reference = Median(Times(rows, (output, gold) => AnswerScorer.ScoreAsReference(output, gold, comparison)));
            double strict = Median(Times(rows, (output, gold) => AnswerScorer.ScoreStrictly(output, gold, comparison)));
            double[] both = Times(rows, (output, gold) => AnswerScorer.Score(output, gold, comparison));
            table.Add($"mathematics of {file}, repeated", Shown(reference), Shown(strict), $"{Shown(Median(both))} ({Shown(both[0])} to {Shown(both[^1])})");
        }

        table.Write("scoring", $"Medians of {Runs} runs. The answers are those of tests/Goldens/scoring, attacks on a scorer among them.");
        return 0;
    }

    private static (string Output, string Gold)[] Read(string file)
    {
        (string, string)[] rows =
        [
            .. File.ReadLines(file)
                .Select(line => JsonDocument.Parse(line).RootElement)
                .Where(row => row.TryGetProperty("gold", out _) && (!row.TryGetProperty("dataset", out JsonElement set) || set.GetString() == "math500"))
                .Select(row => (row.GetProperty("output").GetString()!, row.GetProperty("gold").GetString()!)),
        ];
        return [.. Enumerable.Range(0, Answers).Select(index => rows[index % rows.Length])];
    }

    /// <summary>Seconds, smallest first; the first run compiles and does not count.</summary>
    private static double[] Times((string Output, string Gold)[] rows, Func<string, string, object> score)
    {
        var times = new List<double>();
        for (int run = 0; run <= Runs; run++)
        {
            var clock = Stopwatch.StartNew();
            foreach ((string output, string gold) in rows)
                GC.KeepAlive(score(output, gold));
            times.Add(clock.Elapsed.TotalSeconds);
        }

        return [.. times.Skip(1).Order()];
    }

    private static double Median(double[] sorted) => sorted[sorted.Length / 2];

    private static string Shown(double seconds) => seconds.ToString("0.00", CultureInfo.InvariantCulture);
}
