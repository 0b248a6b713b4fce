using System.Globalization;
using System.Reflection;

namespace RecursiveMas.Benchmarks;

/// <summary>Encoding and loading of the real tokenizers beside the official engine (npm tokenizers), in turn, each on one thread.</summary>
internal static class TokenizerBenchmark
{
    private const int EncodeRuns = 9;
    private const int LoadRuns = 5;

    public static int Run(string[] args)
    {
        string root = Path.GetFullPath(Path.Combine(
            typeof(TokenizerBenchmark).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ResultsFolder").Value!,
            "../.."));
        string folder = Path.GetFullPath(args.Length > 0 ? args[0] : Path.Combine(root, "artifacts", "tokenizers"));
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            Console.Error.WriteLine($"There are no tokenizers in {folder}. Run: node eng/tokenizers/fetch.mjs");
            return 1;
        }

        string scripts = Path.Combine(root, "eng", "tokenizers");
        string textFile = Path.Combine(folder, "mixed.txt");
        EngineProcess.RunScript(Path.Combine(scripts, "mixed-text.mjs"), textFile);
        string text = File.ReadAllText(textFile);
        using var engine = new EngineProcess(Path.Combine(scripts, "engine.mjs"), folder);
        engine.Text(textFile);

        var table = new ResultTable(
            "Tokenizers beside the official engine",
            "node eng/tokenizers/fetch.mjs && dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- tokenizers",
            "tokenizer",
            "file MB",
            "tokens",
            "encode: engine / ours",
            "load: engine / ours",
            "bytes allocated per token",
            "a run of 10^6 / 10^5 equal characters");
        foreach (string directory in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            string file = Path.Combine(directory, "tokenizer.json");
            if (!File.Exists(file))
                continue;
            (_, _, double load) = SideBySide.Measure(LoadRuns, () => Load(file), () => engine.Load(file));
            HuggingFaceTokenizer tokenizer = Load(file);
            (_, _, double encode) = SideBySide.Measure(EncodeRuns, () => tokenizer.Encode(text, addSpecialTokens: false), engine.Encode);

            long before = GC.GetAllocatedBytesForCurrentThread();
            int tokens = tokenizer.Encode(text, addSpecialTokens: false).Length;
            double allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)tokens;
            (_, _, double growth) = SideBySide.Measure(
                5,
                () => tokenizer.Encode(new string('a', 100_000), addSpecialTokens: false),
                () => tokenizer.Encode(new string('a', 1_000_000), addSpecialTokens: false));
            table.Add(
                Path.GetFileName(directory),
                Number(new FileInfo(file).Length / 1e6),
                tokens,
                Number(encode),
                Number(load),
                Number(allocated),
                Number(growth));
        }

        table.Write(
            "tokenizers",
            $"Medians of ratios of one run, {EncodeRuns} pairs of encodings and {LoadRuns} pairs of loads. Text: " +
            $"{text.Length / 1e6:F2} million characters of prose, code, several scripts, numbers and rare words, encoded as one string without special tokens. "
            + "Ours returns the ids; the engine (npm tokenizers 0.23.2, native code) keeps them. Above 1 ours is faster. " +
                "Of the bytes, 4 are the result itself. A run in linear time costs 10 times as much; the queue of merges adds the logarithm, " +
                "so 12 is to be expected.");
        return 0;
    }

    private static HuggingFaceTokenizer Load(string file) => HuggingFaceTokenizer.FromBytes(File.ReadAllBytes(file), file);

    private static string Number(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}
