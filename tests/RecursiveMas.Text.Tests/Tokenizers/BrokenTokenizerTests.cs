using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

public sealed class BrokenTokenizerTests
{
    public static IEnumerable<TheoryDataRow<string>> Names()
    {
        string? folder = Goldens.TryFolder("tokenizers");
        string file = Path.Combine(folder ?? "", "tiny", "broken.jsonl");
        return Goldens.Rows(
            folder is not null && File.Exists(file) ? [.. Rows(file).Select(row => row.GetProperty("name").GetString()!)] : [],
            "tokenizers/tiny/broken.jsonl");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Row(string name)
    {
        JsonElement row = Rows(Goldens.Folder("tokenizers", "tiny", "broken.jsonl")).Single(row => row.GetProperty("name").GetString() == name);
        string file = Goldens.Folder("tokenizers", "tiny", row.GetProperty("base").GetString()!, "tokenizer.json");
        byte[] bytes = JsonPatch.Apply(File.ReadAllBytes(file), row.GetProperty("patch"));
        switch (row.GetProperty("result").GetString())
        {
            case "load-error":
                CheckpointException refused = Assert.ThrowsAny<CheckpointException>(() => HuggingFaceTokenizer.FromBytes(bytes, file));
                Assert.Contains(file, refused.Message, StringComparison.Ordinal);
                break;
            case "encode-error":
                // Refusing such a file when it is read is as good.
                Assert.ThrowsAny<RecursiveMasException>(() => HuggingFaceTokenizer.FromBytes(bytes, file).Encode(
                    row.GetProperty("text").GetString()!,
                    addSpecialTokens: true));
                break;
            default:
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.FromBytes(bytes, file);
                Assert.Equal(TokenizerRow.ReadIds(row, "ids"), tokenizer.Encode(row.GetProperty("text").GetString()!, addSpecialTokens: true));
                break;
        }
    }

    private static IEnumerable<JsonElement> Rows(string file) =>
        File.ReadLines(file).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement);
}
