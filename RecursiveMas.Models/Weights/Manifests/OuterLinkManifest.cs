using System.Text.Json;
using RecursiveMas.Checkpoints;

namespace RecursiveMas.Weights.Manifests;

/// <summary>One link of a manifest. Only key and file are always there.</summary>
internal sealed record OuterLinkEntry(string Key, string FileName, string AdapterType)
{
    public string? SourceRole { get; init; }

    public string? TargetRole { get; init; }

    public int? InputSize { get; init; }

    public int? OutputSize { get; init; }
}

/// <summary><c>outerlink_config.json</c>: the links of a system, in one set or one set a task.</summary>
internal sealed class OuterLinkManifest
{
    public const string FileName = "outerlink_config.json";

    private readonly IReadOnlyList<OuterLinkEntry>? _shared;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<OuterLinkEntry>> _byTask;

    private OuterLinkManifest(string file, IReadOnlyList<OuterLinkEntry>? shared, IReadOnlyDictionary<string, IReadOnlyList<OuterLinkEntry>> byTask)
    {
        File = file;
        _shared = shared;
        _byTask = byTask;
    }

    /// <summary>Full name for messages.</summary>
    public string File { get; }

    /// <summary>Tasks that have a set of their own; empty if one set serves all.</summary>
    public IEnumerable<string> Tasks => _byTask.Keys;

    /// <summary>Reads the manifest of a link repository.</summary>
    /// <exception cref="CheckpointException">It is missing or not of this form.</exception>
    public static OuterLinkManifest Read(CheckpointFolder folder)
    {
        string file = folder.Describe(FileName);
        JsonElement root = CheckpointJson.ReadObject(folder, FileName);
        if (root.TryGetProperty("format_version", out JsonElement version)
            && (version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out int number) || number != 1))
            throw new UnsupportedCheckpointException(file, $"format_version {version.GetRawText()} is not supported. Supported: 1.");
        var byTask = new SortedDictionary<string, IReadOnlyList<OuterLinkEntry>>(StringComparer.Ordinal);
        if (root.TryGetProperty("tasks", out JsonElement tasks))
        {
            if (tasks.ValueKind != JsonValueKind.Object)
                throw new CheckpointException(file, "tasks must be an object.");
            foreach (JsonProperty task in tasks.EnumerateObject())
                byTask.Add(task.Name, Entries(task.Value, file, $"tasks.{task.Name}"));
            return new OuterLinkManifest(file, null, byTask);
        }

        return new OuterLinkManifest(file, Entries(root, file, "the manifest"), byTask);
    }

    /// <summary>The links for a task.</summary>
    /// <exception cref="CheckpointException">The manifest has sets for other tasks only; they are listed.</exception>
    public IReadOnlyList<OuterLinkEntry> Links(string task) => _shared
        ?? (_byTask.TryGetValue(task, out IReadOnlyList<OuterLinkEntry>? links)
            ? links
            : throw new CheckpointException(File, $"has no links for task '{task}'. Tasks with links: {string.Join(", ", _byTask.Keys)}."));

    private static OuterLinkEntry[] Entries(JsonElement holder, string file, string where)
    {
        if (holder.ValueKind != JsonValueKind.Object
            || !holder.TryGetProperty("adapters", out JsonElement adapters)
            || adapters.ValueKind != JsonValueKind.Array)
            throw new CheckpointException(file, $"{where} has no list 'adapters'.");
        OuterLinkEntry[] entries = [.. adapters.EnumerateArray().Select((item, index) => Entry(item, file, $"{where}, link {index + 1}"))];
        if (entries.Length == 0)
            throw new CheckpointException(file, $"{where} lists no links.");
        string? twice = entries.GroupBy(entry => entry.Key, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? entries : throw new CheckpointException(file, $"{where} has the key '{twice}' twice.");
    }

    private static OuterLinkEntry Entry(JsonElement item, string file, string where)
    {
        if (item.ValueKind != JsonValueKind.Object)
            throw new CheckpointException(file, $"{where} is not an object.");
        return new OuterLinkEntry(
            Text("legacy_key") ?? throw Lacks("legacy_key"),
            Text("filename") ?? throw Lacks("filename"),
            Text("adapter_type") ?? LinkTypeRegistry.DefaultOuter)
        {
            SourceRole = Text("source_role"),
            TargetRole = Text("target_role"),
            InputSize = Number("in_dim"),
            OutputSize = Number("out_dim"),
        };

        CheckpointException Lacks(string name) => new(file, $"{where} has no {name}.");

        string? Text(string name) => !item.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null
            ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString() : throw new CheckpointException(file, $"{where}: {name} must be a text.");

        int? Number(string name) => !item.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null
            ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
                ? number
                : throw new CheckpointException(file, $"{where}: {name} must be a whole number.");
    }
}
