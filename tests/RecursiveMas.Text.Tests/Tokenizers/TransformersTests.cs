using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Folders as transformers reads them: which class it would use, and what that changes.</summary>
public sealed class TransformersTests
{
    public static IEnumerable<TheoryDataRow<string>> Cases()
    {
        string? folder = Goldens.TryFolder("tokenizers");
        string file = Path.Combine(folder ?? "", "transformers", "summary.json");
        return Goldens.Rows(
            folder is not null && File.Exists(file) ? [.. Summary(file).Select(entry => entry.GetProperty("case").GetString()!)] : [],
            "tokenizers/transformers");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case(string name)
    {
        JsonElement summary =
            Summary(Goldens.Folder("tokenizers", "transformers", "summary.json")).Single(entry => entry.GetProperty("case").GetString() == name);
        string key = summary.GetProperty("tokenizer").GetString()!;
        using TemporaryFolder folder = Folder(key, summary);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);
        Assert.Equal(Id(summary, "bos"), tokenizer.BosTokenId);
        Assert.Equal(Id(summary, "eos"), tokenizer.EosTokenId);
        Assert.Equal(Id(summary, "pad"), tokenizer.PadTokenId);

        TokenizerRow[] plain = [.. TokenizerRow.Read(Goldens.Folder("tokenizers", $"{key}.jsonl"))];
        string differing = Path.Combine(Goldens.Folder("tokenizers", "transformers"), $"{name}.jsonl");
        Dictionary<string, JsonElement>? changed = File.Exists(differing)
            ? File.ReadLines(differing)
                .Where(line => line.Length > 0)
                .Select(line => JsonDocument.Parse(line).RootElement)
                .ToDictionary(row => row.GetProperty("text").GetString()!)
            : null;
        int ids = 0;
        int special = 0;
        int decoded = 0;
        foreach (TokenizerRow row in plain.Where(row => row.Text is not null))
        {
            JsonElement? change = changed is not null && changed.TryGetValue(row.Text!, out JsonElement found) ? found : null;
            int[] gotIds = tokenizer.Encode(row.Text!, addSpecialTokens: false);
            int[] gotSpecial = tokenizer.Encode(row.Text!, addSpecialTokens: true);
            // Both decode the ids of the plain tokenizer.
            string gotText = tokenizer.Decode(row.Ids, skipSpecialTokens: false);
            ids += gotIds.SequenceEqual(row.Ids) ? 0 : 1;
            special += gotSpecial.SequenceEqual(row.IdsSpecial) ? 0 : 1;
            decoded += gotText == row.Decoded ? 0 : 1;
            if (changed is null && summary.GetProperty("ids_differ").GetInt32() > 0)
                continue;
            Assert.Equal((change is { } c ? TokenizerRow.ReadIds(c, "ids") : null) ?? row.Ids, gotIds);
            Assert.Equal((change is { } d ? TokenizerRow.ReadIds(d, "ids_special") : null) ?? row.IdsSpecial, gotSpecial);
            Assert.Equal((change is { } e ? TokenizerRow.ReadText(e, "decoded") : null) ?? row.Decoded, gotText);

            IncrementalDecoder decoder = tokenizer.CreateDecoder(skipSpecialTokens: false);
            Assert.Equal(gotText, string.Concat(row.Ids.Select(decoder.Append)) + decoder.Finish());
        }

        // How many texts differ is all that is known where most do.
        Assert.Equal(summary.GetProperty("ids_differ").GetInt32(), ids);
        Assert.Equal(summary.GetProperty("ids_special_differ").GetInt32(), special);
        Assert.Equal(summary.GetProperty("decoded_differ").GetInt32(), decoded);
    }

    private static TemporaryFolder Folder(string key, JsonElement summary)
    {
        string file = RealTokenizers.File(key, "tokenizer.json");
        var folder = new TemporaryFolder();
        File.Copy(file, Path.Combine(folder.Path, "tokenizer.json"));
        JsonElement config = JsonDocument.Parse(File.ReadAllBytes(RealTokenizers.File(key, "tokenizer_config.json"))).RootElement;
        Dictionary<string, object?> changed = config.EnumerateObject().ToDictionary(entry => entry.Name, entry => (object?)entry.Value);
        changed["tokenizer_class"] = summary.GetProperty("tokenizer_class").GetString();
        File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer_config.json"), JsonSerializer.SerializeToUtf8Bytes(changed));
        File.WriteAllText(Path.Combine(folder.Path, "config.json"), $$"""{"model_type": "{{summary.GetProperty("model_type").GetString()}}"}""");
        return folder;
    }

    private static int? Id(JsonElement summary, string key) =>
        summary.GetProperty(key) is { ValueKind: JsonValueKind.Number } id ? id.GetInt32() : null;

    private static IEnumerable<JsonElement> Summary(string file) => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.EnumerateArray();
}
