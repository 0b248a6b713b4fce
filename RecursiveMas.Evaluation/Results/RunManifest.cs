using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RecursiveMas.Results;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>
/// What a run was made of, as JSON: questions and their wording, the system with revisions and SHA-256 of its files, options, versions; and the sessions in
/// which it was made, with their machines and times. Results without it say nothing.
/// </summary>
public sealed class RunManifest
{
    /// <summary>Name of its file in a run's folder.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Parts that decide about results: they are the same in all sessions of a run.</summary>
    private static readonly string[] s_parts = ["format", "questions", "system", "options", "versions"];

    internal RunManifest(JsonObject content) => Content = content;

    /// <summary>
    /// Tells this run from others: the first 16 digits of a SHA-256 over all that decides about results. Every line of its result files names it.
    /// </summary>
    public string Run => (string)Content["run"]!;

    /// <summary>Name of the system.</summary>
    public string SystemName => (string)Content["system"]!["name"]!;

    /// <summary>Short name of the data set.</summary>
    public string QuestionsName => (string)Content["questions"]!["name"]!;

    /// <summary>Everything, as it stands in the file.</summary>
    public JsonObject Content { get; }

    /// <summary>Reads the manifest of a folder.</summary>
    /// <param name="folder">Folder of a run.</param>
    /// <exception cref="ResultsException">It is no manifest.</exception>
    /// <exception cref="CheckpointException">It cannot be read.</exception>
    public static RunManifest Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = Path.Combine(UserPath.Full(folder), FileName);
        JsonObject content = ResultJson.Parse(FileFaults.Read(path, () => File.ReadAllText(path)), path, "The file", "Write into another folder.");
        return content["run"] is JsonValue value && value.TryGetValue(out string? run) && run == RunOf(content) && IsWhole(content)
            ? new RunManifest(content)
            : throw new ResultsException(path, "was changed, or is no manifest of a run. Write into another folder.");
    }

    /// <summary>Whether all is there, and of its kind, that is read of a manifest: a hash can be made of anything.</summary>
    private static bool IsWhole(JsonObject content)
    {
        bool Text(params string[] path) => At(path) is JsonValue value && value.TryGetValue(out string? _);
        bool Number(params string[] path) => At(path) is JsonValue value && value.TryGetValue(out int number) && number > 0;
        JsonNode? At(string[] path) => path.Aggregate((JsonNode?)content, (node, name) => (node as JsonObject)?[name]);
        return Text("system", "name") && Text("questions", "name") && Text("questions", "sha256") && Number("questions", "count")
            && At(["questions", "faults"]) is JsonArray && Number("options", "num_rollouts") && Text("options", "compatibility")
            && At(["questions", "wording", "is_published"]) is JsonValue wording && wording.TryGetValue(out bool _)
            && At(["system", "agents"]) is JsonObject && At(["system", "prompts"]) is JsonObject && At(["options", "sampling"]) is JsonObject
            && At(["versions"]) is JsonObject
            && content["sessions"] is JsonArray { Count: > 0 } sessions && sessions.All(IsSession)
            && content["variants"] is JsonArray variants && variants.All(IsVariant);
    }

    private static bool IsSession(JsonNode? node) =>
        node is JsonObject session && session["machine"] is JsonObject && IsTime(session[ResultJson.Seconds]) && IsTime(session["model_seconds"]);

    /// <summary>A session that was killed has none.</summary>
    private static bool IsTime(JsonNode? node) => node is null || (node is JsonValue value && value.TryGetValue(out double _));

    private static bool IsVariant(JsonNode? node) =>
        node is JsonObject variant
        && variant["method"] is JsonValue method && method.TryGetValue(out string? _)
        && variant["rounds"] is JsonValue rounds && rounds.TryGetValue(out int count) && count > 0
        && variant["latent_steps"] is JsonValue steps && steps.TryGetValue(out int taken) && taken >= 0;

    /// <summary>What tells runs with this content apart.</summary>
    internal static string RunOf(JsonObject content) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', s_parts.Select(part => content[part]?.ToJsonString())))))[..16];

    /// <summary>Requires another manifest to be of the same run.</summary>
    /// <exception cref="ResultsException">It is not; the settings that differ are listed.</exception>
    internal void RequireSame(RunManifest other, string path)
    {
        string[] differ = [.. s_parts.SelectMany(part => Differences(part, Content[part], other.Content[part]))];
        if (differ.Length > 0)
        {
            throw new ResultsException(
                path,
                $"belongs to a run with other settings: {ShownText.List(differ)}. Use the same settings to go on with it, or write into another folder.");
        }
    }

    /// <summary>Writes it into a folder, in place of the one that is there.</summary>
    internal void Save(string folder)
    {
        string path = Path.Combine(folder, FileName);
        FileFaults.Write(path, () =>
        {
            File.WriteAllText(path + ".new", ResultJson.Page(Content), new UTF8Encoding(false));
            File.Move(path + ".new", path, overwrite: true);
        });
    }

    private static IEnumerable<string> Differences(string path, JsonNode? here, JsonNode? there)
    {
        if (here is JsonObject one && there is JsonObject other)
            return one.Select(entry => entry.Key).Union(other.Select(entry => entry.Key)).SelectMany(key => Differences($"{path}.{key}", one[key], other[key]));
        return JsonNode.DeepEquals(here, there) ? [] : [$"{path} is {Shown(here)} there and {Shown(there)} here"];
    }

    private static string Shown(JsonNode? value) => value switch
    {
        null => "nothing",
        JsonArray or JsonObject => "another list",
        _ => value.ToJsonString(),
    };
}
