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
        string text = $"# {title}\n\n{Text(notes)}";
        Console.WriteLine(text);
        // Elsewhere than in a checkout the printed table has to do.
        if (Directory.Exists(Folder))
            File.WriteAllText(Path.Combine(Folder, $"{name}.md"), text);
    }

    /// <summary>Prints the table and writes it to benchmarks/results/NAME.md as the section of its title; other sections stay as they are.</summary>
    /// <param name="name">Name of the page.</param>
    /// <param name="page">Its heading, for one that is not there yet.</param>
    /// <param name="notes">What has to be said about the table.</param>
    public void WriteSection(string name, string page, string notes = "")
    {
        const string Mark = "\n## ";
        string text = $"{title}\n\n{Text(notes)}", path = Path.Combine(Folder, $"{name}.md");
        Console.WriteLine(text);
        if (!Directory.Exists(Folder))
            return;
        List<string> sections = [.. (File.Exists(path) ? File.ReadAllText(path) : $"# {page}\n").Split(Mark)];
        int at = sections.FindIndex(section => section.StartsWith(title + "\n", StringComparison.Ordinal));
        if (at < 0)
            sections.Add(text);
        else
            sections[at] = text;
        File.WriteAllText(path, string.Join(Mark, sections.Select(section => section.TrimEnd('\n') + "\n")));
    }

    private static string Folder { get; } =
        typeof(ResultTable).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ResultsFolder").Value!;

    private string Text(string notes)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", columns)} |\n|{string.Concat(columns.Select(_ => " --- |"))}\n");
        foreach (string[] row in _rows)
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n{(notes.Length > 0 ? notes + "\n\n" : "")}Measured {DateTime.UtcNow:yyyy-MM-dd} on {Machine()}. Repeat: `{command}`\n");
        return text.ToString();
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
