using System.IO.Enumeration;
using System.Text.Json;

namespace RecursiveMas.Catalogue;

/// <summary>Which files of the repositories of a released system are needed.</summary>
internal static class SystemFiles
{
    public const string SharedInnerLink = "adapter.pt";
    public const string InnerManifest = "innerlink_config.json";
    public const string OuterManifest = "outerlink_config.json";

    private const string SingleWeights = "model.safetensors";
    private const string WeightIndex = "model.safetensors.index.json";

    private static readonly string[] s_agentFiles =
    [
        "config.json", "generation_config.json", "tokenizer*.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "chat_template.json",
        "vocab.json", "merges.txt", "tokenizer.model", "adapter_config.json", InnerManifest,
    ];

    public static string InnerLinkOf(string task) => $"adapter({task}).pt";

    /// <summary>Files of an agent: configuration, tokenizer, weights in one format, and the inner links of the tasks.</summary>
    /// <param name="files">All files of its repository.</param>
    /// <param name="manifest">Content of its manifest of inner links; null if it has none.</param>
    /// <param name="tasks">The tasks; empty where one link serves all.</param>
    /// <param name="repository">Name for messages.</param>
    /// <exception cref="HubProtocolException">Something that an agent cannot do without is not in the repository.</exception>
    public static IReadOnlyList<HubFile> OfAgent(IReadOnlyList<HubFile> files, JsonElement? manifest, IReadOnlyCollection<string> tasks, HubRepository repository)
    {
        var names = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var links = (tasks.Count == 0 ? [SharedInnerLink] : tasks.Select(task => InnerLink(manifest, task, names))).ToHashSet(StringComparer.Ordinal);
        string weights = names.Contains(SingleWeights) ? SingleWeights : "model-?????-of-?????.safetensors";
        string[] lacking =
        [
            .. new[] { "config.json", "tokenizer.json" }.Concat(links).Where(name => !names.Contains(name)),
            .. names.Any(name => Matches(weights, name)) ? [] : new[] { SingleWeights },
        ];
        if (lacking.Length > 0)
            throw Lacks(repository, lacking);
        return [.. files.Where(file => links.Contains(file.Path) || Matches(weights, file.Path) || (weights != SingleWeights && file.Path == WeightIndex)
            || s_agentFiles.Any(pattern => Matches(pattern, file.Path)))];
    }

    /// <summary>Files of a repository of outer links: the manifest, and what it names for the tasks.</summary>
    /// <exception cref="HubProtocolException">The manifest or a file that it names is not in the repository.</exception>
    public static IReadOnlyList<HubFile> OfLinks(IReadOnlyList<HubFile> files, JsonElement? manifest, IReadOnlyCollection<string> tasks, HubRepository repository)
    {
        if (manifest is not { } root)
            throw Lacks(repository, [OuterManifest]);
        var wanted = new HashSet<string>(StringComparer.Ordinal) { OuterManifest };
        if (Member(root, "tasks") is { ValueKind: JsonValueKind.Object } byTask)
        {
            foreach (string task in tasks)
                wanted.UnionWith(Names(Member(byTask, task) ?? throw new HubProtocolException($"{repository}/{OuterManifest}", $"has no links for the task '{task}'. Tasks: {string.Join(", ", byTask.EnumerateObject().Select(t => t.Name))}."), repository));
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
        if (manifest is { } root && Member(root, "tasks") is { } byTask && Member(byTask, task) is { } entry)
            return Member(entry, SharedInnerLink) is { ValueKind: JsonValueKind.String } name ? name.GetString()! : SharedInnerLink;
        return names.Contains(InnerLinkOf(task)) ? InnerLinkOf(task) : SharedInnerLink;
    }

    private static List<string> Names(JsonElement holder, HubRepository repository)
    {
        var names = new List<string>();
        if (Member(holder, "adapters") is { ValueKind: JsonValueKind.Array } adapters)
        {
            foreach (JsonElement link in adapters.EnumerateArray())
                names.Add(Member(link, "filename") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : throw Bad());
        }

        return names.Count > 0 ? names : throw Bad();

        HubProtocolException Bad() => new($"{repository}/{OuterManifest}", "lists no links with file names.");
    }

    private static HubProtocolException Lacks(HubRepository repository, IEnumerable<string> names) =>
        new(repository.ToString(), $"lacks {string.Join(", ", names)}, without which the system cannot run. Another revision may have it.");

    private static JsonElement? Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : null;

    private static bool Matches(string pattern, string path) => FileSystemName.MatchesSimpleExpression(pattern, path, ignoreCase: false);
}
