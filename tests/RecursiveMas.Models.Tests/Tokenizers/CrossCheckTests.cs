using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Models.Tests.Tokenizers;

/// <summary>Compares with what eng/tokenizers/cross-check.mjs got from the official engine for generated texts.</summary>
[Trait("Category", "Long")]
public sealed class CrossCheckTests
{
    private static string Folder => Path.Combine(RealTokenizers.Folder, "cross-check");

    public static IEnumerable<TheoryDataRow<string>> Names() =>
        Goldens.Rows(
            Directory.Exists(Folder) ? [.. Directory.EnumerateFiles(Folder, "*.jsonl").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)] : [],
            "cross-check (run: node eng/tokenizers/cross-check.mjs)");

    [Theory]
    [MemberData(nameof(Names))]
    public void EngineAgrees(string name)
    {
        HuggingFaceTokenizer tokenizer = Load(name);
        var differences = new List<string>();
        int rows = 0;
        foreach (string line in File.ReadLines(Path.Combine(Folder, $"{name}.jsonl")).Where(line => line.Length > 0))
        {
            rows++;
            using JsonDocument row = JsonDocument.Parse(line);
            JsonElement root = row.RootElement;
            int[] ids = TokenizerRow.ReadIds(root, "ids")!;
            string? decoded = TokenizerRow.ReadText(root, "decoded");
            string? text = TokenizerRow.ReadText(root, "text");
            differences.AddRange(new TokenizerRow(text, ids, TokenizerRow.ReadIds(root, "ids_special") ?? ids, decoded, TokenizerRow.ReadText(root, "decoded_skip") ?? decoded)
                .Differences(tokenizer));
            if (text is null || !root.TryGetProperty("offsets", out JsonElement offsets))
                continue;
            (int, int)[] expected = [.. offsets.EnumerateArray().Select(offset => (offset[0].GetInt32(), offset[1].GetInt32()))];
            IReadOnlyList<(int, int)> got = tokenizer.EncodeWithOffsets(text, addSpecialTokens: false).Offsets;
            if (!got.SequenceEqual(expected))
                differences.Add($"offsets of {TokenizerRow.Show(text)}: expected {string.Join(' ', expected)}, got {string.Join(' ', got)}");
        }

        Assert.True(rows > 0);
        Assert.True(differences.Count == 0, $"{differences.Count} differences in {rows} rows\n{string.Join('\n', differences.Take(8))}");
    }

    private static HuggingFaceTokenizer Load(string name)
    {
        if (!name.StartsWith("tiny-", StringComparison.Ordinal))
            return RealTokenizers.Load(name);
        string file = Goldens.Folder("tokenizers", "tiny", name["tiny-".Length..], "tokenizer.json");
        return HuggingFaceTokenizer.FromBytes(File.ReadAllBytes(file), file);
    }
}
