using System.Text.Json;
using RecursiveMas.Tokenizers.Bpe;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>The part 'model' of a tokenizer.json: vocabulary, merges and the other keys.</summary>
internal sealed class ModelJson
{
    /// <summary>Larger ids are refused: no model has such a vocabulary, and tables by id are that long.</summary>
    public const int IdLimit = 1 << 22;

    private ModelJson(Vocabulary vocabulary, MergeList merges, Dictionary<string, JsonElement> options)
    {
        Vocabulary = vocabulary;
        Merges = merges;
        Options = options;
    }

    public Vocabulary Vocabulary { get; }

    public MergeList Merges { get; }

    public IReadOnlyDictionary<string, JsonElement> Options { get; }

    public static ModelJson Read(ReadOnlySpan<byte> utf8, ref Utf8JsonReader reader, string file)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new CheckpointException(file, "'model' must be an object.");
        Vocabulary? vocabulary = null;
        MergeList? merges = null;
        var options = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            bool first = name switch
            {
                "vocab" => vocabulary is null,
                "merges" => merges is null,
                _ => !options.ContainsKey(name),
            };
            if (!first)
                throw new CheckpointException(file, $"'model' has '{name}' twice.");
            if (name == "vocab")
                vocabulary = ReadVocabulary(ref reader, file, options);
            else if (name == "merges")
                merges = MergeList.Read(ref reader, file);
            else
                options.Add(name, TokenizerJson.ReadElement(utf8, ref reader));
        }

        if (options.TryGetValue("type", out JsonElement type) && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("BPE")))
            throw NotBpe(file, type.GetRawText());
        return new ModelJson(
            vocabulary ?? throw new CheckpointException(file, "'model' lacks 'vocab'."),
            merges ?? throw new CheckpointException(file, "'model' lacks 'merges', which byte-pair encoding needs."),
            options);
    }

    private static UnsupportedCheckpointException NotBpe(string file, string type) =>
        new(file, $"has a model of type {type}. Only BPE is supported.");

    private static Vocabulary ReadVocabulary(ref Utf8JsonReader reader, string file, Dictionary<string, JsonElement> options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            string type = options.TryGetValue("type", out JsonElement element) ? element.GetRawText() : "that lists its vocabulary";
            throw NotBpe(file, type);
        }

        var builder = new Vocabulary.Builder();
        byte[] buffer = new byte[256];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueIsEscaped)
            {
                int length = reader.ValueSpan.Length;
                if (buffer.Length < length)
                    buffer = new byte[2 * length];
                builder.AddToken(buffer.AsSpan(0, reader.CopyString(buffer)));
            }
            else
            {
                builder.AddToken(reader.ValueSpan);
            }

            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id is < 0 or >= IdLimit)
                throw new CheckpointException(file, $"'vocab' holds an id that is no whole number from 0 to {IdLimit - 1}.");
            builder.AddId(id);
        }

        return builder.Build()
            ?? throw new CheckpointException(file, "'vocab' holds a token twice.");
    }
}
