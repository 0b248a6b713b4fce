using System.Diagnostics;

namespace RecursiveMas.Benchmarks;

/// <summary>Decoding and prompts beside llama.cpp.</summary>
internal static class EngineComparison
{
    public const string Part = "engines";
    private const string Peer = "llama.cpp";
    private const int Prompt = 512, Rows = 8, Written = 24, Repetitions = 3;

    public static void Run(ComparedModel model)
    {
        string stem = Path.Combine(model.Work, model.Name.Replace(' ', '-'));
        (string Engine, string Format, string Path)[] kinds =
        [
            (Peer, "BF16", Gguf(model.Folder, $"{stem}-bf16.gguf", false)),
            ("ours", "auto", model.Folder),
            ("ours", "bf16", model.Folder),
            (Peer, "Q8_0", Gguf(model.Folder, $"{stem}-q8.gguf", true)),
            ("ours", "int8", model.Folder),
        ];
        var results = kinds.Select(_ => new List<Result>()).ToArray();
        for (int run = 0; run < model.Processes; run++)
        {
            for (int kind = 0; kind < kinds.Length; kind++)
            {
                (string engine, string format, string path) = kinds[kind];
                results[kind].Add(Result.Of(ChildProcess.Numbers(CompareBenchmark.Name, CompareBenchmark.Child, Part, engine, format, path)));
            }
        }

        var table = new ResultTable(
            $"{model.Name}: decoding and prompts beside llama.cpp",
            CompareBenchmark.Command,
            "engine and weights",
            "decode, 1 row, tokens/s",
            "against llama.cpp",
            $"decode, {Rows} rows, tokens/s",
            "against llama.cpp",
            $"prefill of {Prompt}, tokens/s",
            "against llama.cpp",
            "the first in a process, tokens/s",
            "share of the read rate at 1 row",
            "load to first token, s");
        for (int kind = 0; kind < kinds.Length; kind++)
        {
            bool bytes = kinds[kind].Format is "int8" or "Q8_0";
            List<Result> own = results[kind], peer = results[bytes ? 3 : 0];
            string Ratio(Func<Result, double> value) => own == peer ? "1" : Spread.OfRatios(own.Select(value), peer.Select(value));
            table.Add(
                $"{kinds[kind].Engine} {kinds[kind].Format}",
                Spread.Of(own.Select(result => result.Decode)),
                Ratio(result => result.Decode),
                Spread.Of(own.Select(result => result.DecodeRows)),
                Ratio(result => result.DecodeRows),
                Spread.Of(own.Select(result => result.Prefill)),
                Ratio(result => result.Prefill),
                Spread.Of(own.Select(result => result.FirstPrefill)),
                Spread.Of(own.Select(result => result.Decode * (bytes ? model.Bytes / 2.0 : model.Bytes) / result.ReadRate), "0.00"),
                Spread.Of(own.Select(result => result.FirstToken), "0.00"));
        }

        int agree = results[0][0].Ids.Zip(results[1][0].Ids).TakeWhile(pair => pair.First == pair.Second).Count();
        table.WriteSection(
            CompareBenchmark.Name,
            CompareBenchmark.Page,
            $"Medians and ranges of {model.Processes} processes of each kind, which take turns; ratios are of pairs, beside llama.cpp with as many bits or " +
            $"the next above. The prompt is read once, and {Repetitions} times more, of which the median counts. The share of the read rate is that of " +
            "weights read per second, of what both cores read in the same process. " +
            "`auto`: weights as stored, computed in float32; `bf16`: all in bfloat16, packed; `int8`: a byte and a factor for each row. " +
            $"The first {agree} of {results[0][0].Ids.Length} greedy tokens of auto are those of llama.cpp BF16.");
    }

    /// <summary>All measurements of one engine in this process.</summary>
    public static int Measure(string[] arguments)
    {
        (string kind, string format, string path) = (arguments[0], arguments[1], arguments[2]);
        long started = Stopwatch.GetTimestamp();
        using IEngine engine = kind == Peer ? new PeerEngine(path) : new OurEngine(path, format);
        int[] few = [.. Enumerable.Range(0, 16).Select(i => 100 + (i * 37))], prompt = [.. Enumerable.Range(0, Prompt).Select(i => 20 + (i * 7 % 1000))];
        int[] next = engine.Read(few, 1);
        double first = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double decode = Decode(engine, few, 1, out int[] ids), rows = Decode(engine, few, Rows, out _);
        double firstPrefill = Prefill(engine, prompt), prefill = SideBySide.Median(Enumerable.Range(0, Repetitions).Select(_ => Prefill(engine, prompt)));
        ChildProcess.Print([decode, rows, prefill, firstPrefill, first, ReadRate.Measure(), next[0], .. ids.Select(id => (double)id)]);
        return 0;
    }

    private static double Prefill(IEngine engine, int[] prompt)
    {
        engine.Reset();
        long started = Stopwatch.GetTimestamp();
        engine.Read(prompt, 1);
        return Prompt / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Decode(IEngine engine, int[] prompt, int rows, out int[] ids)
    {
        ids = new int[Written];
        engine.Reset();
        int[] next = engine.Read(prompt, rows);
        next = engine.Step(next);
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < Written; i++)
        {
            next = engine.Step(next);
            ids[i] = next[0];
        }

        return rows * Written / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static string Gguf(string folder, string path, bool quantized)
    {
        if (!File.Exists(path))
            GgufFile.Convert(folder, path, quantized);
        return path;
    }

    private sealed record Result(double Decode, double DecodeRows, double Prefill, double FirstPrefill, double FirstToken, double ReadRate, int[] Ids)
    {
        public static Result Of(double[] numbers) =>
            new(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], [.. numbers[6..].Select(id => (int)id)]);
    }
}
