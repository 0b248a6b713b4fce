using System.IO.Enumeration;
using System.Text.Json;
using RecursiveMas.Errors;
using RecursiveMas.Protocol;

namespace RecursiveMas.Catalogue;

/// <summary>Which files of the repositories of a released system are needed.</summary>
internal static class SystemFiles
{
    public const string SharedInnerLink = "adapter.pt";
    public const string InnerManifest = "innerlink_config.json";
    public const string OuterManifest = "outerlink_config.json";

    public const string WeightIndex = "model.safetensors.index.json";

    private const string SingleWeights = "model.safetensors";

    private static readonly string[] s_necessary = ["config.json", "tokenizer.json", "tokenizer_config.json"];

    private static readonly string[] s_agentFiles =
    [
        "config.json", "generation_config.json", "tokenizer*.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "chat_template.json",
        "vocab.json", "merges.txt", "tokenizer.model", "adapter_config.json", InnerManifest,
    ];

    public static string InnerLinkOf(string task) => $"adapter({task}).pt";

    /// <summary>Files of an agent: configuration, tokenizer, weights in one format, and the inner links of the tasks.</summary>
    /// <param name="files">All files of its repository.</param>
    /// <param name="manifest">Content of its manifest of inner links; null if it has none.</param>
    /// <param name="index">Content of the index of its weights; null if it has none.</param>
    /// <param name="tasks">The tasks; empty where one link serves all.</param>
    /// <param name="repository">Name for messages.</param>
    /// <exception cref="HubProtocolException">Something that an agent cannot do without is not in the repository; all of it is named.</exception>
    public static IReadOnlyList<HubFile> OfAgent(
        IReadOnlyList<HubFile> files,
        JsonElement? manifest,
        JsonElement? index,
        IReadOnlyCollection<string> tasks,
        HubRepository repository)
    {
        var names = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        HashSet<string> necessary = [.. s_necessary, .. tasks.Count == 0 ? [SharedInnerLink] : tasks.Select(task => InnerLink(manifest, task, names))];
        if (names.Contains(SingleWeights) || index is not { } root)
            necessary.Add(SingleWeights);
        else
            necessary.UnionWith([WeightIndex, .. Shards(root, repository)]);
        string[] lacking = [.. necessary.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal)];
        return lacking.Length == 0
            ? [.. files.Where(file => necessary.Contains(file.Path) || s_agentFiles.Any(pattern => Matches(pattern, file.Path)))]
            : throw Lacks(repository, lacking);
    }

    /// <summary>Files of a repository of outer links: the manifest, and what it names for the tasks.</summary>
    /// <exception cref="HubProtocolException">The manifest or a file that it names is not in the repository.</exception>
    public static IReadOnlyList<HubFile> OfLinks(
        IReadOnlyList<HubFile> files,
        JsonElement? manifest,
        IReadOnlyCollection<string> tasks,
        HubRepository repository)
    {
        if (manifest is not { } root)
            throw Lacks(repository, [OuterManifest]);
        var wanted = new HashSet<string>(StringComparer.Ordinal) { OuterManifest };
        if (JsonMember.Of(root, "tasks") is { ValueKind: JsonValueKind.Object } byTask)
        {
            foreach (string task in tasks)
                wanted.UnionWith(Names(JsonMember.Of(byTask, task) ?? throw new HubProtocolException(
                    $"{repository}/{OuterManifest}",
                    $"has no links for the task '{task}'. Tasks: {string.Join(", ", byTask.EnumerateObject().Select(t => t.Name))}."), repository));
        }
        else
        {
            wanted.UnionWith(Names(root, repository));
        }

        var names = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        string[] lacking = [.. wanted.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal)];
        return lacking.Length == 0 ? [.. files.Where(file => wanted.Contains(file.Path))] : throw Lacks(repository, lacking);
    }

    private static string InnerLink(JsonElement? manifest, string task, HashSet<string> names)
    {
        if (manifest is { } root && JsonMember.Of(root, "tasks") is { } byTask && JsonMember.Of(byTask, task) is { } entry)
            return JsonMember.Of(entry, SharedInnerLink) is { ValueKind: JsonValueKind.String } name ? name.GetString()! : SharedInnerLink;
        return names.Contains(InnerLinkOf(task)) ? InnerLinkOf(task) : SharedInnerLink;
    }

    private static List<string> Names(JsonElement holder, HubRepository repository)
    {
        var names = new List<string>();
        if (JsonMember.Of(holder, "adapters") is { ValueKind: JsonValueKind.Array } adapters)
        {
            foreach (JsonElement link in adapters.EnumerateArray())
                names.Add(JsonMember.Of(link, "filename") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : throw Bad());
        }

        return names.Count > 0 ? names : throw Bad();

        HubProtocolException Bad() => new($"{repository}/{OuterManifest}", "lists no links with file names.");
    }

    /// <summary>The files that an index places weights in.</summary>
    private static HashSet<string> Shards(JsonElement index, HubRepository repository)
    {
        var shards = new HashSet<string>(StringComparer.Ordinal);
        if (JsonMember.Of(index, "weight_map") is { ValueKind: JsonValueKind.Object } map)
            shards.UnionWith(map.EnumerateObject().Select(tensor => tensor.Value.ValueKind == JsonValueKind.String ? tensor.Value.GetString()! : ""));
        return shards.Count > 0 && !shards.Contains("") ? shards : throw new HubProtocolException($"{repository}/{WeightIndex}", "names no files of weights.");
    }

    private static HubLackingFilesException Lacks(HubRepository repository, IReadOnlyList<string> names) =>
        new(
            repository.ToString(),
            $"lacks {string.Join(", ", names)}, without which the system cannot run. Another revision may have {(names.Count == 1 ? "it" : "them")}.",
            names);

    private static bool Matches(string pattern, string path) => FileSystemName.MatchesSimpleExpression(pattern, path, ignoreCase: false);
}
