using System.Globalization;

namespace RecursiveMas.Benchmarks;

/// <summary>
/// This library beside llama.cpp and beside the reference implementation's algorithm on the same weights, each in processes of its own that take turns, and
/// the time that QuickStart takes to its first token. Arguments: the folder of SmolLM2 135M; --processes N; --only real, synthetic; --parts engines, thinking,
/// start. Each part replaces its own section of the page.
/// </summary>
internal static class CompareBenchmark
{
    public const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- compare [FOLDER]";
    public const string Name = "compare", Page = "Speed beside others", Child = "child";

    /// <summary>The synthetic model takes so long to think the reference's way that fewer processes have to do.</summary>
    private const int Processes = 7, ProcessesOfLargeThinking = 2;

    public static int Run(string[] arguments)
    {
        if (arguments is [Child, EngineComparison.Part, .. var engine])
            return EngineComparison.Measure(engine);
        if (arguments is [Child, ThinkingComparison.Part, .. var thinking])
            return ThinkingComparison.Measure(thinking);
        string? Option(string name) => arguments.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault();
        int? asked = Option("--processes") is { } number ? int.Parse(number, CultureInfo.InvariantCulture) : null;
        string[] parts = Option("--parts")?.Split(',') ?? [EngineComparison.Part, ThinkingComparison.Part, StartComparison.Part];
        string? only = Option("--only"), real = arguments is [var first, ..] && !first.StartsWith('-') ? first : null;
        string work = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "recursivemas-compare")).FullName;
        var models = new List<ComparedModel>();
        if (real is not null && only != "synthetic")
            models.Add(new ComparedModel("SmolLM2 135M", real, real, work, asked ?? Processes, asked ?? Processes, Large: false));
        if (only != "real")
        {
            string synthetic = SyntheticModel.Make(Path.Combine(work, "synthetic"));
            models.Add(new ComparedModel("1.1 B, random", synthetic, real, work, asked ?? Processes, asked ?? ProcessesOfLargeThinking, Large: true));
        }

        foreach (ComparedModel model in models.Where(_ => parts.Contains(EngineComparison.Part)))
            EngineComparison.Run(model);
        // Whole answers need a tokenizer, and both models have the real one's vocabulary.
        foreach (ComparedModel model in models.Where(model => parts.Contains(ThinkingComparison.Part) && model.Text is not null))
            ThinkingComparison.Run(model);
        if (parts.Contains(StartComparison.Part))
            StartComparison.Run(asked ?? Processes);
        return 0;
    }
}

/// <summary>A model on which others are compared with.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Text">Folder of its tokenizer and template; null for none.</param>
/// <param name="Work">Where files may be made.</param>
/// <param name="Processes">Processes of each kind that take turns.</param>
/// <param name="ThinkingProcesses">The same where it thinks.</param>
/// <param name="Large">Whether the reference's algorithm takes minutes on it.</param>
internal sealed record ComparedModel(string Name, string Folder, string? Text, string Work, int Processes, int ThinkingProcesses, bool Large)
{
    public long Bytes => new FileInfo(Path.Combine(Folder, "model.safetensors")).Length;
}
