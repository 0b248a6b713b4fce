using System.Text.Json;
using RecursiveMas.Testing;
using RecursiveMas.Tokenizers.Regex;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Compares with what eng/tokenizers/cross-check.mjs got from the official engine for generated texts.</summary>
[Trait("Category", "Long")]
public sealed class CrossCheckTests
{
    private const string Patterns = "regex.patterns.jsonl";
    private const string Pipelines = "composed.pipelines.jsonl";

    private static string Folder => Path.Combine(RealTokenizers.Folder, "cross-check");

    public static IEnumerable<TheoryDataRow<string>> Names() =>
        Goldens.OptionalRows(
            Directory.Exists(Folder) ? [.. Directory.EnumerateFiles(Folder, "*.jsonl")
                .Where(file => !(file.EndsWith(Patterns, StringComparison.Ordinal) || file.EndsWith(Pipelines, StringComparison.Ordinal)))
                .Select(file => Path.GetFileNameWithoutExtension(file))
                .Order(StringComparer.Ordinal)] : [],
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
            differences.AddRange(new TokenizerRow(
                text,
                ids,
                TokenizerRow.ReadIds(root, "ids_special"),
                decoded,
                TokenizerRow.ReadText(root, "decoded_skip") ?? decoded)
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

    [Fact]
    public void ComposedPipelinesAgree()
    {
        string file = Path.Combine(Folder, Pipelines);
        Assert.SkipUnless(File.Exists(file), $"There is no {file}. Run: node eng/tokenizers/cross-check.mjs");
        var differences = new List<string>();
        int texts = 0;
        foreach (string line in File.ReadLines(file).Where(line => line.Length > 0))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            JsonElement patch = row.RootElement.GetProperty("patch");
            string path = Goldens.Folder("tokenizers", "tiny", row.RootElement.GetProperty("base").GetString()!, "tokenizer.json");
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.FromBytes(JsonPatch.Apply(File.ReadAllBytes(path), patch), path);
            foreach (JsonElement entry in row.RootElement.GetProperty("texts").EnumerateArray())
            {
                texts++;
                string text = entry.GetProperty("text").GetString()!;
                int[] expected = TokenizerRow.ReadIds(entry, "ids")!;
                int[] ids = tokenizer.Encode(text, addSpecialTokens: true);
                string shown = $"{row.RootElement.GetProperty("base")} " +
                    $"{string.Join(' ', patch.EnumerateArray().Take(6).Select(step => step.GetProperty("value").GetRawText()))} on {TokenizerRow.Show(text)}";
                if (!ids.SequenceEqual(expected))
                    differences.Add($"{shown}: expected {TokenizerRow.Show(expected)}, got {TokenizerRow.Show(ids)}");
                if (TokenizerRow.ReadText(entry, "decoded") is { } decoded && tokenizer.Decode(expected, skipSpecialTokens: false) is var got && got != decoded)
                    differences.Add($"{shown}: expected text {TokenizerRow.Show(decoded)}, got {TokenizerRow.Show(got)}");
            }
        }

        Assert.True(texts > 0);
        Assert.True(
            differences.Count == 0,
            $"{differences.Count} differences in {texts} texts\n{string.Join('\n', differences.DistinctBy(text => text.Split(" on ")[0]).Take(12))}");
    }

    [Fact]
    public void RegularExpressionsAgree()
    {
        string file = Path.Combine(Folder, Patterns);
        Assert.SkipUnless(File.Exists(file), $"There is no {file}. Run: node eng/tokenizers/cross-check.mjs");
        var compiled = new Dictionary<string, TokenizerRegex[]>(StringComparer.Ordinal);
        var differences = new List<string>();
        foreach (string line in File.ReadLines(file).Where(line => line.Length > 0))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            string pattern = row.RootElement.GetProperty("pattern").GetString()!;
            if (row.RootElement.TryGetProperty("refused", out _))
            {
                if (Record.Exception(() => TokenizerRegex.Compile(pattern, "test")) is not CheckpointException)
                    differences.Add($"{pattern} on nothing: the engine refuses it");
                continue;
            }

            if (!compiled.TryGetValue(pattern, out TokenizerRegex[]? engines))
                compiled.Add(pattern, engines = [TokenizerRegex.Compile(pattern, "test"), TokenizerRegex.Compile(pattern, "test", useTable: false)]);
            string text = row.RootElement.GetProperty("text").GetString()!;
            string[] expected = [.. row.RootElement.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()!)];
            foreach (TokenizerRegex engine in engines)
            {
                string[] pieces = Isolated(engine, text);
                if (!pieces.SequenceEqual(expected))
                    differences.Add(
                        $"{pattern} on {TokenizerRow.Show(text)}: expected {JsonSerializer.Serialize(expected)}, got {JsonSerializer.Serialize(pieces)}");
            }
        }

        Assert.NotEmpty(compiled);
        Assert.True(
            differences.Count == 0,
            $"{differences.Count} differences\n{string.Join('\n', differences.DistinctBy(text => text.Split(" on ")[0]).Take(20))}");
    }

    private static string[] Isolated(TokenizerRegex regex, string text)
    {
        var pieces = new List<string>();
        int done = 0;
        TokenizerRegex.MatchEnumerator matches = regex.Matches(text);
        while (matches.MoveNext())
        {
            pieces.Add(text[done..matches.Start]);
            pieces.Add(text[matches.Start..matches.End]);
            done = matches.End;
        }

        pieces.Add(text[done..]);
        return [.. pieces.Where(piece => piece.Length > 0)];
    }

    private static HuggingFaceTokenizer Load(string name)
    {
        if (!name.StartsWith("tiny-", StringComparison.Ordinal))
            return RealTokenizers.Load(name);
        string file = Goldens.Folder("tokenizers", "tiny", name["tiny-".Length..], "tokenizer.json");
        return HuggingFaceTokenizer.FromBytes(File.ReadAllBytes(file), file);
    }
}
