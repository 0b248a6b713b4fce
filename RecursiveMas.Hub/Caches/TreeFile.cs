using System.Text.Json;
using RecursiveMas.Repositories;

namespace RecursiveMas.Caches;

/// <summary><c>trees/COMMIT.json</c>: the files of a commit, as newer tools keep them. It tells offline whether a snapshot is complete.</summary>
internal static class TreeFile
{
    private const int Version = 1;
    private const long LargestFile = 64L << 20;

    /// <summary>The files of a commit; null if the cache does not know them.</summary>
    public static IReadOnlyList<HubFile>? Read(CacheLayout layout, string commit)
    {
        string path = layout.Tree(commit);
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > LargestFile)
                return null;
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 8 });
            return Parse(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // Another tool's file in another form is no reason to fail: the hub has the list too.
            return null;
        }
    }

    public static void Write(CacheLayout layout, HubListing listing)
    {
        if (Read(layout, listing.Commit) is { } known && known.SequenceEqual(listing.Files))
            return;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format_version", Version);
            writer.WriteStartObject("files");
            foreach (HubFile file in listing.Files)
            {
                writer.WriteStartObject(file.Path);
                writer.WriteNumber("size", file.Size);
                writer.WriteString("blob_id", file.GitId);
                if (file.Sha256 is not null)
                {
                    writer.WriteString("lfs_sha256", file.Sha256);
                    writer.WriteNumber("lfs_size", file.Size);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        AtomicFile.Write(layout, layout.Tree(listing.Commit), buffer.ToArray());
    }

    private static List<HubFile>? Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("format_version", out JsonElement version)
            || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt32(out int number)
            || number != Version
            || !root.TryGetProperty("files", out JsonElement files)
            || files.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var list = new List<HubFile>();
        foreach (JsonProperty file in files.EnumerateObject())
        {
            string? sha256 = Text(file.Value, "lfs_sha256");
            long? size = (sha256 is null ? null : Number(file.Value, "lfs_size")) ?? Number(file.Value, "size");
            if (RepositoryPath.Fault(file.Name) is not null || size is not (>= 0 and <= HubFile.LargestSize) || Text(file.Value, "blob_id") is not { } id
                || !ContentHash.IsGitId(id) || (sha256 is not null && !ContentHash.IsSha256(sha256)))
            {
                return null;
            }

            list.Add(new HubFile(file.Name, size.Value, id, sha256));
        }

        list.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return list;
    }

    private static string? Text(JsonElement file, string name) =>
        file.ValueKind == JsonValueKind.Object && file.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static long? Number(JsonElement file, string name) =>
        file.ValueKind == JsonValueKind.Object
            && file.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out long number) ? number : null;
}
