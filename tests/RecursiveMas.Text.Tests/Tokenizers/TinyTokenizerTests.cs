using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

public sealed class TinyTokenizerTests
{
    public static IEnumerable<TheoryDataRow<string>> Names()
    {
        string? folder = Goldens.TryFolder("tokenizers");
        string tiny = Path.Combine(folder ?? "", "tiny");
        string[] names = folder is not null && Directory.Exists(tiny)
            ? [.. Directory.EnumerateDirectories(tiny).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
            : [];
        return Goldens.Rows(names, "tokenizers/tiny");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Cases(string name)
    {
        HuggingFaceTokenizer tokenizer = Load(name);
        string[] differences = [.. TokenizerRow.Read(Goldens.Folder("tokenizers", "tiny", name, "cases.jsonl")).SelectMany(row => row.Differences(tokenizer))];
        Assert.True(differences.Length == 0, $"{differences.Length} differences\n{string.Join('\n', differences.Take(10))}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Stream(string name) => StreamRows.Check(Load(name), Goldens.Folder("tokenizers", "tiny", name, "stream.json"));

    internal static HuggingFaceTokenizer Load(string name)
    {
        string file = Goldens.Folder("tokenizers", "tiny", name, "tokenizer.json");
        return HuggingFaceTokenizer.FromBytes(File.ReadAllBytes(file), file);
    }
}

internal static class StreamRows
{
    /// <summary>
    /// Every chunk comes with the id that completes it; all chunks and the rest are the whole text. Only a run of byte tokens waits longer than in
    /// the reference engine, until it ends: one more byte may turn all of its text into U+FFFD.
    /// </summary>
    public static void Check(HuggingFaceTokenizer tokenizer, string file)
    {
        using JsonDocument rows = JsonDocument.Parse(File.ReadAllBytes(file));
        var differences = new List<string>();
        foreach (JsonElement row in Goldens.NotEmpty(rows.RootElement.EnumerateArray(), file))
        {
            bool skip = row.GetProperty("skip_special_tokens").GetBoolean();
            int[] ids = TokenizerRow.ReadIds(row, "ids")!;
            IncrementalDecoder decoder = tokenizer.CreateDecoder(skip);
            string?[] expected = [.. row.GetProperty("chunks").EnumerateArray().Select(chunk => chunk.GetString())];
            string?[] chunks = [.. ids.Select(decoder.Append)];
            if (!ComeInTime(tokenizer, skip, ids, expected, chunks))
                differences.Add($"chunks of {TokenizerRow.Show(ids)}: expected {JsonSerializer.Serialize(expected)}, got {JsonSerializer.Serialize(chunks)}");
            string whole = string.Concat(chunks) + decoder.Finish();
            if (whole != row.GetProperty("decoded").GetString())
                differences.Add($"whole text of {TokenizerRow.Show(ids)}: {TokenizerRow.Show(whole)}");
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences\n{string.Join('\n', differences.Take(10))}");
    }

    private static bool ComeInTime(HuggingFaceTokenizer tokenizer, bool skip, int[] ids, string?[] expected, string?[] chunks)
    {
        if (expected.Length != chunks.Length)
            return false;
        string want = "", got = "";
        bool inRun = false;
        for (int i = 0; i < ids.Length; i++)
        {
            want += expected[i];
            got += chunks[i];
            bool isByte = tokenizer.IdToToken(ids[i]) is { Length: 6 } token && token.StartsWith("<0x", StringComparison.Ordinal);
            inRun = isByte || (inRun && tokenizer.Decode([ids[i]], skip).Length == 0); // what leaves no text does not end the run
            if (chunks[i] is { Length: 0 } || (inRun ? !want.StartsWith(got, StringComparison.Ordinal) : want != got))
                return false;
        }

        return true;
    }
}
