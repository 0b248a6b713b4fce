using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

public sealed class RealTokenizerTests
{
    public static IEnumerable<TheoryDataRow<string>> TextKeys() => RealTokenizers.Keys("", ".jsonl");

    public static IEnumerable<TheoryDataRow<string>> DecodeKeys() => RealTokenizers.Keys("decode", ".jsonl");

    public static IEnumerable<TheoryDataRow<string>> StreamKeys() => RealTokenizers.Keys("stream", ".json");

    [Theory]
    [MemberData(nameof(TextKeys))]
    public void Texts(string key) => Check(key, Goldens.Folder("tokenizers", $"{key}.jsonl"));

    [Theory]
    [MemberData(nameof(DecodeKeys))]
    public void Decoding(string key) => Check(key, Goldens.Folder("tokenizers", "decode", $"{key}.jsonl"));

    [Theory]
    [MemberData(nameof(StreamKeys))]
    public void Streams(string key) => StreamRows.Check(RealTokenizers.Load(key), Goldens.Folder("tokenizers", "stream", $"{key}.json"));

    private static void Check(string key, string file)
    {
        HuggingFaceTokenizer tokenizer = RealTokenizers.Load(key);
        string[] differences = [.. TokenizerRow.Read(file).SelectMany(row => row.Differences(tokenizer))];
        Assert.True(differences.Length == 0, $"{differences.Length} differences\n{string.Join('\n', differences.Take(10))}");
    }
}
