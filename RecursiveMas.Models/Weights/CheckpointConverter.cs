using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using RecursiveMas.Shared;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>Where a converted file came from; what is given is written into the new file.</summary>
public sealed record CheckpointOrigin
{
    /// <summary>Repository of the source file, for example "RecursiveMAS/Sequential-Light-Outerlinks".</summary>
    public string? Repository { get; init; }

    /// <summary>Commit of the repository.</summary>
    public string? Revision { get; init; }

    /// <summary>Link type as manifests name it, for example "ln_res_adapter".</summary>
    public string? LinkType { get; init; }
}

/// <summary>Converts checkpoint files between the form of torch.save (<c>.pt</c>) and safetensors. Nothing in a file is ever run.</summary>
/// <remarks>All members are safe for concurrent calls.</remarks>
public static class CheckpointConverter
{
    /// <summary>
    /// What is appended to the name of a source file to name its conversion. A link's conversion is read in place of the source while the source's
    /// hash matches.
    /// </summary>
    public const string Extension = ".safetensors";

    internal const string SourceHash = "source_sha256";

    private const int HashBuffer = 1 << 20;

    /// <summary>
    /// Writes the tensors of a <c>.pt</c> file as safetensors. Any arrangement of dictionaries, lists and tensors is read; a tensor's name is its
    /// path, joined by dots. Views become dense. The metadata name the source, its SHA-256, the origin, a link's widths, and all values that
    /// are no tensors, as JSON by path.
    /// </summary>
    /// <param name="sourcePath">The <c>.pt</c> file.</param>
    /// <param name="targetPath">The file to write; null appends <see cref="Extension"/> to the source's name. It appears only when it is complete.</param>
    /// <param name="origin">What else is known of the source.</param>
    /// <param name="cancellationToken">Checked before each tensor.</param>
    /// <returns>The path of the file written.</returns>
    /// <exception cref="CheckpointException">
    /// The source is missing, damaged, hostile, of a form that is not read, or holds element types that safetensors lacks; or the target cannot be written.
    /// </exception>
    /// <exception cref="InvalidOptionException">A path is empty.</exception>
    public static string ToSafetensors(
        string sourcePath,
        string? targetPath = null,
        CheckpointOrigin? origin = null,
        CancellationToken cancellationToken = default)
    {
        var folder = CheckpointFolder.FromFile(sourcePath, out string name);
        string target = UserPath.Full(targetPath ?? sourcePath + Extension, nameof(targetPath));
        using var file = PtFile.Open(folder, name, PtRules.General);
        using var tensors = new PtTensors(file);
        foreach (PtTensor tensor in file.Tensors.Values)
            tensors.Announce(tensor);
        SafetensorsWriter.Write(
            target,
            file.Tensors.Select(entry => new TensorSource(
                entry.Key,
                entry.Value.Type.ToScalarType(),
                [.. entry.Value.Shape],
                () => tensors.Load(entry.Value).DetachFromDisposeScope())),
            Metadata(folder, name, file, origin ?? new CheckpointOrigin()),
            cancellationToken);
        return target;
    }

    /// <summary>Writes a link, read from a <c>.pt</c> or safetensors file, in the form that torch.load and the published inference code read.</summary>
    /// <param name="sourcePath">A link's file.</param>
    /// <param name="targetPath">The <c>.pt</c> file to write. It appears only when it is complete.</param>
    /// <exception cref="CheckpointException">
    /// The source is missing, damaged, hostile, or no flat state dictionary of a link; or the target cannot be written.
    /// </exception>
    /// <exception cref="InvalidOptionException">A path is empty.</exception>
    public static void LinkToPt(string sourcePath, string targetPath)
    {
        var folder = CheckpointFolder.FromFile(sourcePath, out string name);
        using var scope = NewDisposeScope();
        LinkWriter.Write(UserPath.Full(targetPath, nameof(targetPath)), LinkFile.Read(folder, name));
    }

    /// <summary>SHA-256 of a file in lower-case hexadecimal digits.</summary>
    internal static string Hash(CheckpointFolder folder, string file)
    {
        using Stream stream = folder.OpenRead(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[Math.Min(HashBuffer, Math.Max(1, stream.Length))];
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
            hash.AppendData(buffer.AsSpan(0, read));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Dictionary<string, string> Metadata(CheckpointFolder folder, string name, PtFile file, CheckpointOrigin origin)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = "pt",
            ["source"] = name,
            [SourceHash] = Hash(folder, name),
        };
        Add("source_repository", origin.Repository);
        Add("source_revision", origin.Revision);
        Add("link_type", origin.LinkType);
        if (file.Tensors.TryGetValue("proj1.weight", out PtTensor? first) && first.Shape.Count == 2)
        {
            PtTensor last = file.Tensors.GetValueOrDefault("proj2.weight", first);
            Add("in_dim", first.Shape[1].ToString(CultureInfo.InvariantCulture));
            Add("out_dim", last.Shape[0].ToString(CultureInfo.InvariantCulture));
        }

        if (file.Values.Count > 0)
            Add("values", Values(file.Values));
        return metadata;

        void Add(string key, string? value)
        {
            if (value is not null)
                metadata.Add(key, value);
        }
    }

    private static string Values(IReadOnlyDictionary<string, object?> values)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach ((string path, object? value) in values)
            {
                json.WritePropertyName(path);
                switch (value)
                {
                    case null: json.WriteNullValue(); break;
                    case bool flag: json.WriteBooleanValue(flag); break;
                    case long number: json.WriteNumberValue(number); break;
                    case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
                    default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
                }
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
