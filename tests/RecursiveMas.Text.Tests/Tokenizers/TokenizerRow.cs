using System.Text.Json;
using RecursiveMas.Testing;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>A row of the tokenizer goldens.</summary>
internal sealed record TokenizerRow(string? Text, int[] Ids, int[]? IdsSpecial, string? Decoded, string? DecodedSkip)
{
    public static IEnumerable<TokenizerRow> Read(string file) =>
        Goldens.NotEmpty(File.ReadLines(file).Where(line => line.Length > 0), file).Select(line =>
        {
            using JsonDocument row = JsonDocument.Parse(line);
            JsonElement root = row.RootElement;
            int[] ids = ReadIds(root, "ids") ?? [];
            string? decoded = ReadText(root, "decoded");
            return new TokenizerRow(ReadText(root, "text"), ids, ReadIds(root, "ids_special") ?? ids, decoded, ReadText(root, "decoded_skip") ?? decoded);
        });

    public static int[]? ReadIds(JsonElement row, string key) =>
        row.TryGetProperty(key, out JsonElement ids) && ids.ValueKind == JsonValueKind.Array ? [.. ids.EnumerateArray().Select(id => id.GetInt32())] : null;

    public static string? ReadText(JsonElement row, string key) =>
        row.TryGetProperty(key, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    /// <summary>What differs from what the tokenizer does; empty if nothing.</summary>
    public IEnumerable<string> Differences(HuggingFaceTokenizer tokenizer)
    {
        if (Text is not null)
        {
            int[] ids = tokenizer.Encode(Text, addSpecialTokens: false);
            if (!ids.SequenceEqual(Ids))
                yield return $"ids of {Show(Text)}: expected {Show(Ids)}, got {Show(ids)}";
            int[] special = tokenizer.Encode(Text, addSpecialTokens: true);
            if (IdsSpecial is not null && !special.SequenceEqual(IdsSpecial))
                yield return $"ids with special tokens of {Show(Text)}: expected {Show(IdsSpecial)}, got {Show(special)}";
            EncodedText tracked = tokenizer.EncodeWithOffsets(Text, addSpecialTokens: false);
            if (!tracked.Ids.SequenceEqual(ids))
                yield return $"ids with offsets of {Show(Text)}: got {Show(tracked.Ids)}";
            if (tracked.Offsets.Any(offset => offset.Start < 0 || offset.Start > offset.End || offset.End > Text.Length))
                yield return $"offsets of {Show(Text)}: {string.Join(' ', tracked.Offsets)}";
        }

        if (Decoded is not null && tokenizer.Decode(Ids, skipSpecialTokens: false) is var decoded && decoded != Decoded)
            yield return $"text of {Show(Ids)}: expected {Show(Decoded)}, got {Show(decoded)}";
        if (DecodedSkip is not null && tokenizer.Decode(Ids, skipSpecialTokens: true) is var skipped && skipped != DecodedSkip)
            yield return $"text without special tokens of {Show(Ids)}: expected {Show(DecodedSkip)}, got {Show(skipped)}";
    }

    public static string Show(string text) => JsonSerializer.Serialize(text.Length > 200 ? text[..200] : text);

    public static string Show(IReadOnlyList<int> ids) => $"[{string.Join(',', ids.Take(60))}{(ids.Count > 60 ? ",..." : "")}]";
}
