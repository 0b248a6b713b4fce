using System.Text;
using System.Text.Json;
using RecursiveMas.Tokenizers.Bpe;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>Builds the model of a tokenizer.json.</summary>
internal static class BpeReader
{
    /// <param name="json">The file.</param>
    /// <param name="options">The options to use.</param>
    public static BpeModel Read(TokenizerJson json, BpeOptions options)
    {
        ModelJson model = json.Model;
        var merges = new MergeTable(model.Merges.Count);
        int prefix = Encoding.UTF8.GetByteCount(options.Prefix);
        byte[] joined = [];
        ChunkBorders? borders = BpeModel.CanCut(model.Vocabulary, options) ? new ChunkBorders() : null;
        bool[] substitutes = Substitutes(model.Vocabulary, options);
        int id = -1;
        for (int rank = 0; rank < model.Merges.Count; rank++)
        {
            ReadOnlySpan<byte> left = model.Merges.Left(rank);
            ReadOnlySpan<byte> right = model.Merges.Right(rank);
            ReadOnlySpan<byte> whole = model.Merges.Whole(rank);
            if (prefix > 0)
            {
                if (right.Length < prefix)
                    throw Missing(json, rank, "its second token lacks the prefix");
                joined = [.. left, .. right[prefix..]];
                whole = joined;
            }

            int leftId = model.Vocabulary.Find(left);
            int rightId = model.Vocabulary.Find(right);
            id = model.Vocabulary.Find(whole, expected: id);
            if (leftId < 0 || rightId < 0 || id < 0)
                throw Missing(json, rank, "a token of it, or its result, is not in 'vocab'");
            merges.Set(leftId, rightId, rank, id);
            if (borders is null)
                continue;

            // A merge with a token that stands for other text joins more than its characters say.
            if (substitutes[leftId] || substitutes[rightId])
                borders = null;
            else if (left.Length > 0 && right.Length > 0)
                borders.Join(LastPoint(left), FirstPoint(right));
        }

        return new BpeModel(model.Vocabulary, merges, options, borders);
    }

    // By id: the unknown token and those of bytes.
    private static bool[] Substitutes(Vocabulary vocabulary, BpeOptions options)
    {
        var result = new bool[vocabulary.IdLimit];
        IEnumerable<string> tokens = options.ByteFallback ? Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>") : [];
        foreach (string token in tokens.Append(options.UnknownToken ?? ""))
        {
            if (vocabulary.Find(token) is >= 0 and int id)
                result[id] = true;
        }

        return result;
    }

    private static int LastPoint(ReadOnlySpan<byte> utf8)
    {
        Rune.DecodeLastFromUtf8(utf8, out Rune rune, out _);
        return rune.Value;
    }

    private static int FirstPoint(ReadOnlySpan<byte> utf8)
    {
        Rune.DecodeFromUtf8(utf8, out Rune rune, out _);
        return rune.Value;
    }

    private static CheckpointException Missing(TokenizerJson json, int rank, string how) =>
        new(json.File, $"entry {rank} of 'merges', {json.Model.Merges.Show(rank)}: {how}.");

    /// <summary>The options as they stand in the file.</summary>
    public static BpeOptions ReadOptions(TokenizerJson json)
    {
        var root = new JsonObjectView(json);
        if (root.Dropout() is < 0 or > 1)
            throw new CheckpointException(json.File, "'model.dropout' must lie between 0 and 1.");
        if (root.Dropout() > 0)
            throw new UnsupportedCheckpointException(json.File, "'model.dropout' is above 0, so that encoding would be random. Set it to null.");
        return new BpeOptions
        {
            UnknownToken = root.Text("unk_token"),
            Prefix = root.Text("continuing_subword_prefix") ?? "",
            Suffix = root.Text("end_of_word_suffix") ?? "",
            FuseUnknown = root.Flag("fuse_unk"),
            ByteFallback = root.Flag("byte_fallback"),
            IgnoreMerges = root.Flag("ignore_merges"),
        };
    }

    private readonly struct JsonObjectView(TokenizerJson json)
    {
        public string? Text(string key) => Value(key) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            _ => throw new CheckpointException(json.File, $"'model.{key}' must be a text or null."),
        };

        public bool Flag(string key) => Value(key) switch
        {
            null or { ValueKind: JsonValueKind.False } => false,
            { ValueKind: JsonValueKind.True } => true,
            _ => throw new CheckpointException(json.File, $"'model.{key}' must be true or false."),
        };

        public double Dropout() => Value("dropout") switch
        {
            null => 0,
            { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
            _ => throw new CheckpointException(json.File, "'model.dropout' must be a number or null."),
        };

        private JsonElement? Value(string key) =>
            json.Model.Options.TryGetValue(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
