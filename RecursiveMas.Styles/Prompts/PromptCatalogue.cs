using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>The prompts of a style as data: by agent, kind of question, and first or later round. The format is described in docs/prompts.md.</summary>
/// <remarks>Immutable and safe for concurrent calls.</remarks>
public sealed class PromptCatalogue : IPromptSource
{
    private const string ResourcePrefix = "prompts/";
    private const string ResourceSuffix = ".prompts.json";

    private readonly Prompts.PromptFile _file;

    private PromptCatalogue(Prompts.PromptFile file, string hash)
    {
        _file = file;
        Hash = hash;
    }

    /// <summary>Name that the catalogue gives itself.</summary>
    public string Name => _file.Name;

    /// <summary>Version that the catalogue gives itself.</summary>
    public string Version => _file.Version;

    /// <summary>
    /// SHA-256 of the file (with that of the catalogue it extends, if any), in lower-case hexadecimal digits: links are trained with one wording, and
    /// another wording is another system.
    /// </summary>
    public string Hash { get; }

    /// <summary>Reads a catalogue from a JSON file.</summary>
    /// <param name="path">Path of the file, at most 1 MiB; "~" at its start stands for the home folder.</param>
    /// <exception cref="CheckpointException">The file is missing or not a catalogue; the message names the place.</exception>
    /// <exception cref="InvalidOptionException">The path is null or empty.</exception>
    public static PromptCatalogue Load(string path)
    {
        var folder = CheckpointFolder.FromFile(path, out string file);
        if (!folder.Contains(file))
            throw new CheckpointException(folder.Describe(file), "there is no such file. Check the path of the catalogue.");
        return Parse(folder.ReadAllBytes(file, CheckpointJson.SmallFile), folder.Describe(file));
    }

    /// <inheritdoc/>
    public AgentPrompt GetPrompt(string agent, int round, MasQuestion question)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentOutOfRangeException.ThrowIfLessThan(round, 1);
        ArgumentNullException.ThrowIfNull(question);
        return _file.Compose(agent, round, question);
    }

    /// <inheritdoc/>
    public string? GetAnswerPass(MasQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return _file.AnswerPass.GetValueOrDefault(question.Kind);
    }

    /// <summary>A catalogue that comes with the library.</summary>
    /// <param name="name">
    /// Its name: that of a style ("sequential", "mixture", "distillation", "deliberation"), of a tiny system, or of a variant
    /// ("sequential-question-first", "sequential-letter-only").
    /// </param>
    /// <exception cref="InvalidOptionException">There is none of this name; those that exist are listed.</exception>
    public static PromptCatalogue BuiltIn(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{ResourcePrefix}{name}{ResourceSuffix}")
            ?? throw new InvalidOptionException(
                nameof(MasOptions.Prompts),
                $"'{name}' is not a catalogue of the library. Known: {string.Join(", ", BuiltInNames)}.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Parse(bytes, name + ResourceSuffix);
    }

    internal static IReadOnlyList<string> BuiltInNames =>
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Select(name => name[ResourcePrefix.Length..^ResourceSuffix.Length])
            .Order(StringComparer.Ordinal)];

    internal static PromptCatalogue Parse(byte[] utf8, string name)
    {
        JsonElement root = CheckpointJson.ParseObject(utf8, name);
        PromptCatalogue? extended = Prompts.PromptFileReader.BaseName(root, name) is { } baseName ? BuiltInOf(baseName, name) : null;
        byte[] hashed = extended is null ? utf8 : [.. Convert.FromHexString(extended.Hash), .. utf8];
        return new PromptCatalogue(Prompts.PromptFileReader.Read(root, name, extended?._file), Convert.ToHexStringLower(SHA256.HashData(hashed)));
    }

    /// <summary>Checks that every agent of a graph has its prompts, with exactly the slots that its edges fill.</summary>
    internal void Require(MasGraph graph) => Prompts.PromptCheck.Require(_file, graph);

    private static PromptCatalogue BuiltInOf(string name, string file) => BuiltInNames.Contains(name)
        ? BuiltIn(name)
        : throw new CheckpointException(file, $"extends '{name}', which is not one of the library's catalogues: {string.Join(", ", BuiltInNames)}.");
}
