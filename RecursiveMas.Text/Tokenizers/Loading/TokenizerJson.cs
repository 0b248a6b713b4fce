using System.Text.Json;
using System.Text.Unicode;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>
/// The parts of a tokenizer.json. Vocabulary and merges, nearly all of the file, are read straight from its bytes; the rest as elements.
/// </summary>
internal sealed class TokenizerJson
{
    private static readonly string[] s_known =
        ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"];

    private TokenizerJson(string file, Dictionary<string, JsonElement> parts, ModelJson model)
    {
        File = file;
        Parts = parts;
        Model = model;
    }

    public string File { get; }

    /// <summary>The parts apart from the model.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parts { get; }

    public ModelJson Model { get; }

    /// <summary>A part, or null if it is absent or null in the file.</summary>
    public JsonElement? Part(string name) =>
        Parts.TryGetValue(name, out JsonElement part) && part.ValueKind != JsonValueKind.Null ? part : null;

    /// <exception cref="CheckpointException">The bytes are no tokenizer.json.</exception>
    public static TokenizerJson Read(ReadOnlySpan<byte> utf8, string file)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (utf8.StartsWith(mark))
            utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8))
            throw new CheckpointException(file, "is not valid UTF-8. Download it again.");
        try
        {
            return ReadParts(utf8, file);
        }
        catch (JsonException error)
        {
            throw new CheckpointException(file, CheckpointJson.Fault(error), error);
        }
    }

    /// <summary>The value at the reader as an element, within bounds; the reader moves to its end.</summary>
    public static JsonElement ReadElement(ReadOnlySpan<byte> utf8, ref Utf8JsonReader reader)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        byte[] bytes = utf8[start..(int)reader.BytesConsumed].ToArray();
        using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
        return document.RootElement.Clone();
    }

    private static TokenizerJson ReadParts(ReadOnlySpan<byte> utf8, string file)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 64 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new CheckpointException(file, "must hold a JSON object at its root.");
        var parts = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        ModelJson? model = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!s_known.Contains(name))
                throw new UnsupportedCheckpointException(file, $"has the unknown part '{name}'. Known are {string.Join(", ", s_known)}.");
            reader.Read();
            if (name == "model")
            {
                if (model is not null)
                    throw new CheckpointException(file, "has 'model' twice.");
                model = ModelJson.Read(utf8, ref reader, file);
            }
            else if (!parts.TryAdd(name, ReadElement(utf8, ref reader)))
            {
                throw new CheckpointException(file, $"has '{name}' twice.");
            }
        }

        // Text after the object is an error that only reading on shows.
        reader.Read();
        if (parts.TryGetValue("version", out JsonElement version) && !(version.ValueKind == JsonValueKind.String && version.ValueEquals("1.0")))
            throw new UnsupportedCheckpointException(file, $"has version {version.GetRawText()}; only \"1.0\" is known.");
        return new TokenizerJson(file, parts, model ?? throw new CheckpointException(file, "lacks the part 'model'."));
    }
}
