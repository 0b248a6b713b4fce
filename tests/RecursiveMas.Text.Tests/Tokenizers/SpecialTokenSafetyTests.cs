using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Text from outside cannot become a special token unless the caller lets it.</summary>
public sealed class SpecialTokenSafetyTests
{
    public static IEnumerable<TheoryDataRow<string>> Families() => Goldens.Subfolders("models", folder => File.Exists(Path.Combine(folder, "tokenizer.json")));

    [Theory]
    [MemberData(nameof(Families))]
    public void EveryVisibleSpecialTokenIsFoundOnlyWhereAllowed(string family)
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(Goldens.Folder("models", family));
        int tried = 0;
        foreach ((string content, int id) in Specials(tokenizer))
        {
            string text = $"Before {content} after";
            Assert.Contains(id, tokenizer.Encode(text, addSpecialTokens: false));
            Assert.DoesNotContain(id, tokenizer.Encode(text, addSpecialTokens: false, parseSpecialTokens: false));
            Assert.DoesNotContain(id, tokenizer.EncodeWithOffsets(text, addSpecialTokens: false, parseSpecialTokens: false).Ids);
            Assert.DoesNotContain(id, tokenizer.Encode(text, addSpecialTokens: false, [0..text.Length]));

            // Every border that cuts the token in two or touches it at one character.
            for (int at = 7; at < 7 + content.Length; at++)
            {
                Assert.DoesNotContain(id, tokenizer.Encode(text, addSpecialTokens: false, [at..(at + 1)]));
                Assert.DoesNotContain(id, tokenizer.Encode(text, addSpecialTokens: false, [0..3, at..text.Length]));
            }

            Assert.Contains(id, tokenizer.Encode(text, addSpecialTokens: false, [0..7, (7 + content.Length)..text.Length]));
            tried++;
        }

        Assert.True(tried > 0);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void OnlyTheProtectedRangeIsProtected(string family)
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(Goldens.Folder("models", family));
        (string content, int id) = Specials(tokenizer).First();
        string text = $"{content}x{content}y{content}";
        int[] ids = tokenizer.Encode(text, addSpecialTokens: false, [(content.Length + 1)..((2 * content.Length) + 1)]);
        Assert.Equal(2, ids.Count(other => other == id));
        Assert.Equal(id, ids[^1]);
    }

    [Fact]
    public void NormalizationCannotAssembleASpecialToken()
    {
        // Fullwidth signs become ASCII under NFKC, after which a token that is looked for in normalised text would be found.
        HuggingFaceTokenizer tokenizer = Tiny("""{"type": "NFKC"}""", normalized: true);
        string text = "a\uFF1Cs\uFF1Eb";
        Assert.Contains(300, tokenizer.Encode(text, addSpecialTokens: false));
        Assert.DoesNotContain(300, tokenizer.Encode(text, addSpecialTokens: false, parseSpecialTokens: false));
        Assert.DoesNotContain(300, tokenizer.Encode(text, addSpecialTokens: false, [1..2]));
        Assert.DoesNotContain(300, tokenizer.Encode(text, addSpecialTokens: false, [3..4]));
        Assert.Contains(300, tokenizer.Encode(text, addSpecialTokens: false, [0..1, 4..5]));
    }

    [Fact]
    public void TheModelCannotAssembleASpecialToken()
    {
        // "<s>" stands in the vocabulary, and merges lead to it.
        HuggingFaceTokenizer tokenizer = Tiny("null", normalized: false);
        Assert.Equal([300], tokenizer.Encode("<s>", addSpecialTokens: false));
        Assert.DoesNotContain(300, tokenizer.Encode("<s>", addSpecialTokens: false, parseSpecialTokens: false));
        Assert.DoesNotContain(300, tokenizer.Encode("<s>", addSpecialTokens: false, [0..3]));
        HuggingFaceTokenizer whole = Tiny("null", normalized: false, ignoreMerges: true);
        Assert.DoesNotContain(300, whole.Encode("<s>", addSpecialTokens: false, parseSpecialTokens: false));
    }

    [Fact]
    public void RangesMayOverlapAndComeInAnyOrder()
    {
        HuggingFaceTokenizer tokenizer = Tiny("null", normalized: false);
        const string text = "<s>abcd<s>efgh<s>";
        int[] expected = tokenizer.Encode(text, addSpecialTokens: false, [0..12]);
        Assert.Equal(1, expected.Count(id => id == 300));
        Assert.Equal(expected, tokenizer.Encode(text, addSpecialTokens: false, [4..6, 0..12, 1..2, 5..9, 3..3]));
    }

    [Fact]
    public void RangesOutsideTheTextAreRefused()
    {
        HuggingFaceTokenizer tokenizer = Tiny("null", normalized: false);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Encode("ab", addSpecialTokens: false, [1..5]));
        Assert.Equal([97, 98], tokenizer.Encode("ab", addSpecialTokens: false, [1..1, ^1..]));
    }

    private static HuggingFaceTokenizer Tiny(string normalizer, bool normalized, bool ignoreMerges = false)
    {
        string vocab = string.Join(", ", Enumerable.Range('a', 26).Select(c => $"\"{(char)c}\": {c}"));
        string json = $$"""
            {"version": "1.0", "added_tokens": [{"id": 300, "content": "<s>", "special": true, "normalized": {{(normalized ? "true" : "false")}},
             "lstrip": false, "rstrip": false, "single_word": false}],
             "normalizer": {{normalizer}}, "pre_tokenizer": null, "post_processor": null, "decoder": {"type": "Fuse"},
             "model": {"type": "BPE", "ignore_merges": {{(ignoreMerges ? "true" : "false")}},
             "vocab": {"<": 1, ">": 2, "<s": 3, "<s>": 300, {{vocab}} }, "merges": [["<", "s"], ["<s", ">"]] } }
            """;
        return HuggingFaceTokenizer.FromBytes(System.Text.Encoding.UTF8.GetBytes(json), "test");
    }

    private static IEnumerable<(string Content, int Id)> Specials(HuggingFaceTokenizer tokenizer) =>
        tokenizer.SpecialTokens.Values.Distinct().Select(content => (content, tokenizer.TokenToId(content)!.Value));
}
