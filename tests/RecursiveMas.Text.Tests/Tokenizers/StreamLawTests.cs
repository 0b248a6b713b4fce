using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Wherever a stream of ids ends, its pieces and the rest are, joined, the text of all ids together.</summary>
public sealed class StreamLawTests
{
    private const int Sequences = 2_000;
    private const int LongestSequence = 30;

    private static readonly string[] s_texts =
    [
        "The final answer is 13", "x = 3 . That 's it , isn't it ? I 'm sure : ' yes ' !", "  spaces   here  ", "中文和日本語のテキスト", "emoji 😀👩‍👩‍👧 and é̂ã",
        "ልጅ Ελληνικά русский עברית", "tabs\tand\r\nlines\n\n", "\\boxed{42}", "<0xE4> <|end|> </s>", "don't we've they're",
    ];

    public static IEnumerable<TheoryDataRow<string>> Tiny() => TinyTokenizerTests.Names();

    public static IEnumerable<TheoryDataRow<string>> Real() => RealTokenizers.Keys("", ".jsonl");

    /// <summary>Folders of the golden models and systems, by kind and path.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Folders()
    {
        foreach (string kind in new[] { "models", "mas" })
        {
            string root = Goldens.TryFolder(kind) ?? "";
            string[] folders = Directory.Exists(root)
                ? [.. Directory.EnumerateFiles(root, "tokenizer.json", SearchOption.AllDirectories)
                    .Select(file => Path.GetRelativePath(root, Path.GetDirectoryName(file)!))
                    .Order(StringComparer.Ordinal)]
                : [];
            foreach (TheoryDataRow<string> folder in Goldens.Rows(folders, kind))
                yield return new TheoryDataRow<string, string>(kind, folder.Data) { Skip = folder.Skip };
        }
    }

    [Theory]
    [MemberData(nameof(Tiny))]
    public void Of_tiny_tokenizers(string name) => Check(TinyTokenizerTests.Load(name));

    [Theory]
    [MemberData(nameof(Tiny))]
    public void Of_tiny_tokenizers_that_clean_up_spaces(string name)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Goldens.Folder("tokenizers", "tiny", name, "tokenizer.json"), Path.Combine(folder.Path, "tokenizer.json"));
        File.WriteAllText(
            Path.Combine(folder.Path, "tokenizer_config.json"),
            """{"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": true}""");
        Check(HuggingFaceTokenizer.Load(folder.Path));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Of_golden_models_and_systems(string kind, string folder) => Check(HuggingFaceTokenizer.Load(Path.Combine(Goldens.Folder(kind), folder)));

    [Theory]
    [MemberData(nameof(Real))]
    public void Of_real_tokenizers(string key) => Check(RealTokenizers.Load(key));

    private static void Check(HuggingFaceTokenizer tokenizer)
    {
        var random = new Random(1);
        int[] all = [.. Enumerable.Range(0, tokenizer.VocabularySize + 16)];
        // Parts of characters: tokens for single bytes, in both ways that vocabularies write them.
        int[] bytes = [.. all.Where(id => tokenizer.IdToToken(id) is { } token
            && (token.Length == 1 ? token[0] > 0x7F : token.StartsWith("<0x", StringComparison.Ordinal)))];
        int[] special = [.. tokenizer.SpecialTokens.Values.Select(token => tokenizer.TokenToId(token) ?? 0), .. all.TakeLast(24)];
        int[][] texts = [.. s_texts.Select(text => TryEncode(tokenizer, text)).Where(ids => ids.Length > 0)];
        var differences = new List<string>();
        IncrementalDecoder[] decoders = [tokenizer.CreateDecoder(false), tokenizer.CreateDecoder(true)];
        int held = 0;
        for (int i = 0; i < Sequences; i++)
        {
            int[] ids = Sequence();
            foreach (bool skip in new[] { false, true })
            {
                IncrementalDecoder decoder = decoders[skip ? 1 : 0]; // one for all: it begins anew after each end
                string pieces = string.Concat(ids.Select(decoder.Append));
                string? rest = decoder.Finish();
                held += rest is null ? 0 : 1;
                if (pieces + rest != tokenizer.Decode(ids, skip))
                    differences.Add(
                        $"{TokenizerRow.Show(ids)}: {JsonSerializer.Serialize(tokenizer.Decode(ids, skip))}, streamed {JsonSerializer.Serialize(pieces)} and " +
                        $"{JsonSerializer.Serialize(rest)}");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences\n{string.Join('\n', differences.Take(5))}");
        bool hasPartsOfCharacters = bytes.Any(id => tokenizer.Decode([id], skipSpecialTokens: false).Contains('\uFFFD', StringComparison.Ordinal));
        Assert.True(held > 0 || !hasPartsOfCharacters, "No stream ended where something was held back.");

        int[] Sequence()
        {
            if (random.Next(3) == 0)
            {
                int[] text = texts[random.Next(texts.Length)];
                return text[..random.Next(text.Length + 1)];
            }

            int[] ids = new int[random.Next(LongestSequence)];
            int usual = random.Next(3);
            for (int k = 0; k < ids.Length; k++)
            {
                int[] from = random.Next(10) switch { 0 => special, 1 or 2 or 3 => usual == 0 ? all : bytes, _ => usual == 2 ? bytes : all };
                ids[k] = from.Length > 0 ? from[random.Next(from.Length)] : all[random.Next(all.Length)];
            }

            return ids;
        }
    }

    // Some tiny vocabularies lack letters and have no token for the unknown.
    private static int[] TryEncode(HuggingFaceTokenizer tokenizer, string text)
    {
        try
        {
            return tokenizer.Encode(text, addSpecialTokens: true);
        }
        catch (TokenizationException)
        {
            return [];
        }
    }
}
