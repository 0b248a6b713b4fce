using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;

namespace RecursiveMas.Benchmarks;

/// <summary>A table in benchmarks/results with the machine that it was measured on and the command that repeats it.</summary>
internal sealed class ResultTable(string title, string command, params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(params object[] cells) => _rows.Add([.. cells.Select(cell => Convert.ToString(cell, CultureInfo.InvariantCulture)!)]);

    /// <summary>Prints the table and writes it to benchmarks/results/NAME.md.</summary>
    public void Write(string name, string notes = "")
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {title}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", columns)} |\n|{string.Concat(columns.Select(_ => " --- |"))}\n");
        foreach (string[] row in _rows)
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n{(notes.Length > 0 ? notes + "\n\n" : "")}Measured {DateTime.UtcNow:yyyy-MM-dd} on {Machine()}. Repeat: `{command}`\n");
        Console.WriteLine(text);
        string folder = typeof(ResultTable).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ResultsFolder").Value!;
        // Elsewhere than in a checkout the printed table has to do.
        if (Directory.Exists(folder))
            File.WriteAllText(Path.Combine(folder, $"{name}.md"), text.ToString());
    }

    private static string Machine()
    {
        // Benchmarks without a model have not touched libtorch yet.
        RecursiveMasRuntime.Initialize();
        return $"{RuntimeInformation.OSDescription.Split('#')[0].Trim()}, {Processor()}, {Environment.ProcessorCount} cores, {torch.get_num_threads()} torch " +
            $"threads, .NET {Environment.Version}, TorchSharp {typeof(torch).Assembly.GetName().Version!.ToString(3)}";
    }

    private static string Processor()
    {
        if (!File.Exists("/proc/cpuinfo"))
            return RuntimeInformation.ProcessArchitecture.ToString();
        string[] lines = File.ReadAllLines("/proc/cpuinfo");
        string Field(string key) => lines.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
        string[] features = [.. Field("flags").Split(' ').Where(flag => flag is "avx2" or "avx512f" or "avx512_bf16" or "amx_bf16")];
        return $"{Field("model name")} ({string.Join(' ', features)})";
    }
}
