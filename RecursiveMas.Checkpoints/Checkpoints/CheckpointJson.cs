using System.Text.Json;

namespace RecursiveMas.Checkpoints;

/// <summary>Reads JSON files of a checkpoint within limits: bounded size and depth, no name twice in an object.</summary>
internal static class CheckpointJson
{
    /// <summary>Limit of configurations and manifests.</summary>
    public const long SmallFile = 1 << 20;

    /// <summary>Limit of tokenizers and weight indices.</summary>
    public const long LargeFile = 256L << 20;

    private const int MaximumDepth = 64;

    /// <summary>Reads a file whose root must be an object. The element is detached from any document.</summary>
    /// <exception cref="CheckpointException">The file is missing, too large or no such JSON.</exception>
    public static JsonElement ReadObject(CheckpointFolder folder, string file, long maximumBytes = SmallFile) =>
        ParseObject(folder.ReadAllBytes(file, maximumBytes), folder.Describe(file));

    /// <summary>Parses bytes whose root must be an object.</summary>
    /// <exception cref="CheckpointException">The bytes are no such JSON.</exception>
    public static JsonElement ParseObject(ReadOnlyMemory<byte> utf8, string file)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (utf8.Span.StartsWith(mark))
            utf8 = utf8[3..];
        try
        {
            CheckTexts(utf8.Span);
            using JsonDocument document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaximumDepth, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new CheckpointException(file, "must hold a JSON object at its root.");
        }
        catch (JsonException error)
        {
            throw new CheckpointException(file, $"is not valid JSON: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            throw new CheckpointException(file, $"holds a damaged text: {error.Message}", error);
        }
    }

    // Half of a surrogate pair in an escape is found by the reader only where the text is used, which would be anywhere.
    private static void CheckTexts(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOf("\\u"u8) < 0)
            return;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaximumDepth });
        while (reader.Read())
        {
            if (reader.ValueIsEscaped)
                reader.GetString();
        }
    }
}
