using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>
/// Memory that a model takes in each format, each in a process of its own: while it is loaded, when it has read one token, and when it has read a prompt
/// and written. Arguments: the folder of a model; --only real or synthetic.
/// </summary>
internal static class LoadingBenchmark
{
    private const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- loading [FOLDER]";
    private const string Name = "loading", Child = "child";
    private const int Prompt = 512, Tokens = 16;

    private static readonly string[] s_formats = ["auto", "int8", "bf16", "packed", "plain"];

    public static int Run(string[] arguments)
    {
        if (arguments is [Child, var format, var folder])
            return Measure(format, folder);
        string? only = arguments.SkipWhile(argument => argument != "--only").Skip(1).FirstOrDefault();
        var models = new List<(string Name, string Folder)>();
        if (arguments is [var real, ..] && !real.StartsWith('-') && only != "synthetic")
            models.Add(("SmolLM2 135M", real));
        if (only != "real")
            models.Add(("1.1 B, random", SyntheticModel.Make(Path.Combine(Path.GetTempPath(), "recursivemas-compare", "synthetic"))));
        foreach ((string model, string path) in models)
        {
            double weights = new FileInfo(Path.Combine(path, "model.safetensors")).Length;
            var table = new ResultTable(
                $"{model}: {weights / 1e6:0} MB of weights in bfloat16",
                Command,
                "format",
                "peak while loading / weights",
                "peak with one token read / weights",
                $"peak with {Prompt} positions read and {Tokens} tokens written / weights",
                "private memory then / weights",
                "largest resident set of the process, MB");
            foreach (string way in s_formats)
            {
                double[] bytes = ChildProcess.Numbers(Name, Child, way, path);
                IEnumerable<string> ratios = bytes[..^1].Select(part => (part / weights).ToString("0.000", CultureInfo.InvariantCulture));
                table.Add([way, .. ratios, bytes[^1].ToString("0,,", CultureInfo.InvariantCulture)]);
            }

            table.WriteSection(
                Name,
                "Loading a model: memory above the idle process",
                "The idle process has loaded libtorch and computed once; its memory is part of the last column only. Mapped weights become resident when " +
                "they are first read. `auto`: as stored, mapped, the default; `int8`: bytes; `bf16`: computed in bfloat16, packed; `packed`: computed in " +
                "float32, packed; `plain`: in bfloat16 as libtorch takes it, mapped.");
        }

        return 0;
    }

    /// <summary>Peaks above the idle process, private memory, and the largest resident set, in bytes.</summary>
    private static int Measure(string format, string folder)
    {
        RecursiveMasRuntime.Initialize();
        using (var warm = zeros(1))
            warm.add(1).Dispose();
        GC.Collect();
        ProcessMemory.ResetPeak();
        long idle = ProcessMemory.Resident, idlePrivate = ProcessMemory.Anonymous;
        using var engine = new OurEngine(folder, format);
        long loading = ProcessMemory.PeakResident;
        engine.Read([1], 1);
        long token = ProcessMemory.PeakResident;
        engine.Reset();
        int[] next = engine.Read([.. Enumerable.Range(0, Prompt).Select(i => 20 + (i * 7 % 1000))], 1);
        for (int i = 1; i < Tokens; i++)
            next = engine.Step(next);
        long written = ProcessMemory.PeakResident;
        ChildProcess.Print(loading - idle, token - idle, written - idle, ProcessMemory.Anonymous - idlePrivate, written);
        return 0;
    }
}
