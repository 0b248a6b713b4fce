using System.Diagnostics;
using System.Globalization;

namespace RecursiveMas.Benchmarks;

/// <summary>
/// This library beside llama.cpp on the same weights, each in processes of its own that take turns, and beside the reference's way of thinking, which
/// reads the whole row anew for each latent step. Arguments: the folder of a Llama; --runs N; --only real or synthetic.
/// </summary>
internal static class CompareBenchmark
{
    private const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- compare [FOLDER]";
    private const string Child = "child", Peer = "llama.cpp";
    private const int Prompt = 512, Rows = 8, Written = 24;

    public static int Run(string[] arguments)
    {
        if (arguments is [Child, var engine, var format, var path])
            return Measure(engine, format, path);
        string? Option(string name) => arguments.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault();
        int runs = int.Parse(Option("--runs") ?? "7", CultureInfo.InvariantCulture);
        string? only = Option("--only");
        string work = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "recursivemas-compare")).FullName;
        string? real = arguments is [var first, ..] && !first.StartsWith('-') ? first : null;
        var table = new ResultTable(
            "Beside llama.cpp",
            Command,
            "model",
            "engine and weights",
            "decode, 1 row, tokens/s",
            "against llama.cpp",
            $"decode, {Rows} rows, tokens/s",
            "against llama.cpp",
            $"prefill of {Prompt}, tokens/s",
            "against llama.cpp",
            "share of the read rate at 1 row",
            "load to first token, s");
        if (real is not null && only != "synthetic")
            Compare(table, "SmolLM2 135M", real, work, runs);
        if (only != "real")
            Compare(table, "1.1 B, random", SyntheticModel.Make(Path.Combine(work, "synthetic")), work, runs);
        table.Write(
            "compare",
            $"Medians and ranges of {runs} processes of each kind, which take turns; ratios are medians of pairs, beside llama.cpp with as many bits or " +
            "the next above. The share of the read rate is that of weights read per second, of what both cores read in the same process. " +
            "`auto`: weights as stored, computed in float32; `bf16`: all in bfloat16, packed; `int8`: a byte and a factor for each row. " +
            "Greedy tokens of auto and of llama.cpp BF16 agree as far as noted above the table on the console.");
        return 0;
    }

    private static void Compare(ResultTable table, string name, string folder, string work, int runs)
    {
        string stem = Path.Combine(work, name.Replace(' ', '-'));
        (string Engine, string Format, string Path)[] kinds =
        [
            (Peer, "BF16", Gguf(folder, $"{stem}-bf16.gguf", false)),
            ("ours", "auto", folder),
            ("ours", "bf16", folder),
            (Peer, "Q8_0", Gguf(folder, $"{stem}-q8.gguf", true)),
            ("ours", "int8", folder),
        ];
        var results = kinds.Select(_ => new List<Result>()).ToArray();
        for (int run = 0; run < runs; run++)
        {
            for (int kind = 0; kind < kinds.Length; kind++)
                results[kind].Add(Result.Parse(Start(kinds[kind].Engine, kinds[kind].Format, kinds[kind].Path)));
        }

        int agree = results[0][0].Ids.Zip(results[1][0].Ids).TakeWhile(pair => pair.First == pair.Second).Count();
        Console.WriteLine($"{name}: the first {agree} of {results[0][0].Ids.Length} greedy tokens of ours, auto, are those of llama.cpp BF16");
        long weights = new FileInfo(Path.Combine(folder, "model.safetensors")).Length;
        for (int kind = 0; kind < kinds.Length; kind++)
        {
            List<Result> own = results[kind], peer = results[kinds[kind].Format is "int8" or "Q8_0" ? 3 : 0];
            double bytes = kinds[kind].Format is "int8" or "Q8_0" ? weights / 2.0 : weights;
            table.Add(
                name,
                $"{kinds[kind].Engine} {kinds[kind].Format}",
                Range(own.Select(result => result.Decode)),
                Ratio(own, peer, result => result.Decode),
                Range(own.Select(result => result.DecodeRows)),
                Ratio(own, peer, result => result.DecodeRows),
                Range(own.Select(result => result.Prefill)),
                Ratio(own, peer, result => result.Prefill),
                Range(own.Select(result => result.Decode * bytes / result.ReadRate), "0.00"),
                Range(own.Select(result => result.FirstToken), "0.00"));
        }
    }

    private static string Gguf(string folder, string path, bool quantized)
    {
        if (!File.Exists(path))
            GgufFile.Convert(folder, path, quantized);
        return path;
    }

    private static string Range(IEnumerable<double> values, string format = "0.0")
    {
        double[] all = [.. values];
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(SideBySide.Median(all))} ({Text(all.Min())}-{Text(all.Max())})";
    }

    private static string Ratio(List<Result> own, List<Result> peer, Func<Result, double> value) => own == peer
        ? "1"
        : SideBySide.Median(own.Zip(peer, (mine, theirs) => value(mine) / value(theirs))).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["compare", Child, .. arguments]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Console.Error.WriteLine($"{string.Join(' ', arguments[..2])}: {output.Trim().Split('\n')[^1][..Math.Min(120, output.Trim().Split('\n')[^1].Length)]}");
        return process.ExitCode == 0 ? output.Trim().Split('\n')[^1] : throw new InvalidOperationException($"{string.Join(' ', arguments)} failed.");
    }

    /// <summary>All measurements of one engine in this process, as one line.</summary>
    private static int Measure(string kind, string format, string path)
    {
        long started = Stopwatch.GetTimestamp();
        using IEngine engine = kind == Peer ? new PeerEngine(path) : new OurEngine(path, format);
        int[] few = [.. Enumerable.Range(0, 16).Select(i => 100 + (i * 37))], prompt = [.. Enumerable.Range(0, Prompt).Select(i => 20 + (i * 7 % 1000))];
        int[] next = engine.Read(few, 1);
        double first = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double decode = Decode(engine, few, 1, out int[] ids), rows = Decode(engine, few, Rows, out _);
        engine.Reset();
        started = Stopwatch.GetTimestamp();
        engine.Read(prompt, 1);
        double prefill = Prompt / Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(new Result(decode, rows, prefill, first, ReadRate.Measure(), [next[0], .. ids]));
        return 0;
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

    private sealed record Result(double Decode, double DecodeRows, double Prefill, double FirstToken, double ReadRate, int[] Ids)
    {
        public static Result Parse(string line)
        {
            double[] numbers = [.. line.Split(' ').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
            return new Result(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], [.. numbers[5..].Select(id => (int)id)]);
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Decode:0.00} {DecodeRows:0.00} {Prefill:0.00} {FirstToken:0.000} {ReadRate:0} {string.Join(' ', Ids)}");
    }
}
