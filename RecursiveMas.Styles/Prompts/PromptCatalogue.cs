using System.Reflection;
using System.Security.Cryptography;

namespace RecursiveMas;

/// <summary>The prompts of a style as data: by agent, kind of question, and first or later round. The format is described in docs/prompts.md.</summary>
/// <remarks>Immutable and safe for concurrent calls.</remarks>
public sealed class PromptCatalogue : IPromptSource
{
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

    /// <summary>SHA-256 of the file, in lower-case hexadecimal digits: links are trained with one wording, and another wording is another system.</summary>
    public string Hash { get; }

    /// <summary>Reads a catalogue from a JSON file.</summary>
    /// <param name="path">Path of the file, at most 1 MiB.</param>
    /// <exception cref="CheckpointException">The file is missing or not a catalogue; the message names the place.</exception>
    public static PromptCatalogue Load(string path)
    {
        string full = Path.GetFullPath(path);
        CheckpointFolder folder = CheckpointFolder.FromDirectory(Path.GetDirectoryName(full) ?? full);
        return Parse(folder.ReadAllBytes(Path.GetFileName(full), Checkpoints.CheckpointJson.SmallFile), full);
    }

    /// <inheritdoc/>
    public AgentPrompt GetPrompt(string agent, int round, MasQuestion question) => _file.Compose(agent, round, question);

    /// <summary>A catalogue that comes with the library.</summary>
    internal static PromptCatalogue BuiltIn(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"prompts/{name}.prompts.json")!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Parse(bytes, $"{name}.prompts.json");
    }

    internal static PromptCatalogue Parse(byte[] utf8, string name) =>
        new(Prompts.PromptFileReader.Read(Checkpoints.CheckpointJson.ParseObject(utf8, name), name), Convert.ToHexStringLower(SHA256.HashData(utf8)));

    /// <summary>Checks that every agent of a graph has its prompts, with exactly the slots that its edges fill.</summary>
    internal void Require(MasGraph graph) => Prompts.PromptCheck.Require(_file, graph);
}
