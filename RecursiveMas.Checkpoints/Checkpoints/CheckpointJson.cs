using System.Text.Json;
using System.Text.Unicode;

namespace RecursiveMas;

/// <summary>Reads JSON files of a checkpoint within limits: bounded size and depth, no name twice in an object.</summary>
public static class CheckpointJson
{
    /// <summary>Most bytes of configurations and manifests: 1 MiB.</summary>
    public const long SmallFile = 1 << 20;

    /// <summary>Most bytes of tokenizers: 256 MiB.</summary>
    public const long LargeFile = 256L << 20;

    private const int MaximumDepth = 64;
    private const string Remedy = "Download it again, or mend it if you wrote it.";

    /// <summary>Reads a file whose root must be an object. The element is detached from any document.</summary>
    /// <param name="folder">Where the file lies.</param>
    /// <param name="file">Its name.</param>
    /// <param name="maximumBytes">Larger files are refused before anything is allocated.</param>
    /// <exception cref="CheckpointException">The file is missing, too large or no such JSON.</exception>
    public static JsonElement ReadObject(CheckpointFolder folder, string file, long maximumBytes = SmallFile)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return ParseObject(folder.ReadAllBytes(file, maximumBytes), folder.Describe(file));
    }

    /// <summary>Parses bytes whose root must be an object.</summary>
    /// <param name="utf8">The bytes, with or without a byte order mark.</param>
    /// <param name="file">The file, for messages.</param>
    /// <exception cref="CheckpointException">The bytes are no such JSON.</exception>
    public static JsonElement ParseObject(ReadOnlyMemory<byte> utf8, string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (utf8.Span.StartsWith(mark))
            utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8.Span))
            throw new CheckpointException(file, $"is not valid UTF-8. {Remedy}");
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
            throw new CheckpointException(file, Fault(error), error);
        }
        catch (InvalidOperationException error)
        {
            throw new CheckpointException(file, $"holds half of a character (a lone surrogate in an escape). {Remedy}", error);
        }
    }

    /// <summary>What is wrong with a file that cannot be parsed, and what to do about it.</summary>
    /// <param name="error">The parser's complaint.</param>
    public static string Fault(JsonException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        string place = error is { LineNumber: { } line, BytePositionInLine: { } column } ? $" (line {line + 1}, byte {column + 1})" : "";
        return $"is not valid JSON{place}: it is damaged or incomplete. {Remedy}";
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
