using System.Text;
using System.Text.Json;
using RecursiveMas.Checkpoints;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas;

/// <summary>The chat templates of one checkpoint: usually one, sometimes several by name.</summary>
/// <remarks>All members are safe for concurrent calls. Each template is parsed when it is first asked for.</remarks>
public sealed class ChatTemplateSet
{
    /// <summary>Name of the template that is used where none is named.</summary>
    public const string DefaultName = "default";

    private const string ToolName = "tool_use";
    private const string JinjaFile = "chat_template.jinja";
    private const string JsonFile = "chat_template.json";
    private const string ConfigFile = "tokenizer_config.json";
    private const string Property = "chat_template";
    private const string AdditionalFolder = "additional_chat_templates";
    private const int MaximumTemplates = 64;

    private readonly string _owner;
    private readonly Dictionary<string, Lazy<ChatTemplate>> _templates;

    private ChatTemplateSet(string owner, IEnumerable<(string Name, string Source, string Origin)> sources)
    {
        _owner = owner;
        _templates = [];
        foreach ((string name, string source, string origin) in sources)
            _templates[name] = new Lazy<ChatTemplate>(() => ChatTemplate.Parse(source, origin));
    }

    /// <summary>Names of the templates, in ordinal order.</summary>
    public IReadOnlyList<string> Names => [.. _templates.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Creates a set of one template.</summary>
    /// <param name="template">The template that is used for every conversation.</param>
    public static ChatTemplateSet FromTemplate(ChatTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        var set = new ChatTemplateSet(template.Name, []);
        set._templates[DefaultName] = new Lazy<ChatTemplate>(template);
        return set;
    }

    /// <summary>
    /// Reads the templates of a checkpoint as the tokenizer of transformers does: <c>chat_template.jinja</c> with the files of
    /// <c>additional_chat_templates</c> beside it, else what <c>tokenizer_config.json</c> holds (one text, or a list of named ones).
    /// A <c>chat_template.json</c>, which processors of older checkpoints have, counts where there is neither.
    /// </summary>
    /// <param name="folder">The checkpoint.</param>
    /// <exception cref="CheckpointException">There is no template, or a file is damaged.</exception>
    public static ChatTemplateSet Load(CheckpointFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        List<(string, string, string)> sources = FromFiles(folder);
        if (sources.Count == 0 && folder.Contains(ConfigFile))
            sources = FromJson(folder, ConfigFile, CheckpointJson.LargeFile);
        if (sources.Count == 0 && folder.Contains(JsonFile))
            sources = FromJson(folder, JsonFile, CheckpointJson.LargeFile);
        return sources.Count > 0
            ? new ChatTemplateSet(folder.Name, sources)
            : throw new CheckpointException(
                folder.Name,
                $"has no chat template: neither {JinjaFile} nor '{Property}' in {ConfigFile} or {JsonFile}. Use an instruction-tuned checkpoint, " +
                "or hand in a template.");
    }

    /// <summary>The template of a name.</summary>
    /// <param name="name">The name; null for the default, or the one for tools where there are some.</param>
    /// <param name="hasTools">Whether the conversation brings tools.</param>
    /// <exception cref="CheckpointException">There is no template of this name, or several without a default.</exception>
    /// <exception cref="ChatTemplateException">The template cannot be parsed.</exception>
    public ChatTemplate Get(string? name = null, bool hasTools = false)
    {
        name ??= hasTools && _templates.ContainsKey(ToolName) ? ToolName : DefaultName;
        return _templates.TryGetValue(name, out Lazy<ChatTemplate>? template)
            ? template.Value
            : throw new CheckpointException(_owner, $"has no chat template named '{name}'. It has: {string.Join(", ", Names)}.");
    }

    private static List<(string Name, string Source, string Origin)> FromFiles(CheckpointFolder folder)
    {
        var sources = new List<(string, string, string)>();
        if (folder.Contains(JinjaFile))
            sources.Add((DefaultName, ReadText(folder, JinjaFile), folder.Describe(JinjaFile)));
        if (folder.FindFolder(AdditionalFolder) is not { } additional)
            return sources;
        string[] files = [.. additional.Files.Where(f => f.EndsWith(".jinja", StringComparison.Ordinal))];
        if (files.Length > MaximumTemplates)
            throw new CheckpointException(
                additional.Name,
                $"holds {files.Length} templates, more than the {MaximumTemplates} that are read. Keep those that are needed.");
        foreach (string file in files)
            sources.Add((Path.GetFileNameWithoutExtension(file), ReadText(additional, file), additional.Describe(file)));
        return sources;
    }

    private static string ReadText(CheckpointFolder folder, string file)
    {
        byte[] bytes = folder.ReadAllBytes(file, 4L * TemplateLimits.SourceLength);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new CheckpointException(folder.Describe(file), "is not valid UTF-8 text.", error);
        }
    }

    private static List<(string Name, string Source, string Origin)> FromJson(CheckpointFolder folder, string file, long maximumBytes)
    {
        JsonElement root = CheckpointJson.ReadObject(folder, file, maximumBytes);
        string origin = folder.Describe(file);
        if (!root.TryGetProperty(Property, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return [];
        if (value.ValueKind == JsonValueKind.String)
            return [(DefaultName, value.GetString()!, origin)];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaximumTemplates)
            throw new CheckpointException(origin, $"'{Property}' must be a text or a list of at most {MaximumTemplates} named templates.");
        var sources = new List<(string, string, string)>();
        foreach (JsonElement entry in value.EnumerateArray())
        {
            string? name = Text(entry, "name");
            string? source = Text(entry, "template");
            if (name is null || source is null)
                throw new CheckpointException(
                    origin,
                    $"'{Property}' holds an entry that is not a template with a name: each needs the texts 'name' and 'template'.");
            sources.Add((name, source, $"{origin} ({name})"));
        }

        return sources;
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
