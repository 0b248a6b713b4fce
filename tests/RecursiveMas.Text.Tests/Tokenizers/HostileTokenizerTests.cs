using System.Diagnostics;
using System.Text;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Files that are well formed and mean harm: blown up texts, endless comparisons, absurd sizes.</summary>
public sealed class HostileTokenizerTests
{
    [Fact]
    public void ReplacementsDoNotMultiplyATextWithoutBound()
    {
        string normalizers = string.Join(
            ",",
            Enumerable.Repeat("""{"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""", 12));
        HuggingFaceTokenizer tokenizer = Load($$"""{"type": "Sequence", "normalizers": [{{normalizers}}]}""");
        Assert.Throws<TokenizationException>(() => tokenizer.Encode("aaaa", addSpecialTokens: false));
    }

    [Fact]
    public void DecodersDoNotMultiplyATextWithoutBound()
    {
        string decoders = string.Join(
            ",",
            Enumerable.Repeat("""{"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""", 12));
        HuggingFaceTokenizer tokenizer = Load(decoder: $$"""{"type": "Sequence", "decoders": [{{decoders}}]}""");
        Assert.Throws<TokenizationException>(() => tokenizer.Decode([97, 97], skipSpecialTokens: false));
    }

    [Fact]
    public void ManyAddedTokensWithTheSameBeginningCostLittle()
    {
        string tokens = string.Join(",", Enumerable.Range(1, 2000).Select(i => Added(new string('a', i) + "!")));
        HuggingFaceTokenizer tokenizer = Load(added: tokens);
        long start = Stopwatch.GetTimestamp();
        Assert.NotEmpty(tokenizer.Encode(new string('a', 20_000), addSpecialTokens: false));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "The work is not bounded.");
    }

    [Fact]
    public void TemplatesDoNotMultiplyATextWithoutBound()
    {
        const string twice =
            """{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], """ +
            """ "pair": [], "special_tokens": {}}""";
        Assert.ThrowsAny<CheckpointException>(() => Load(post: twice));
    }

    [Fact]
    public void AbsurdAddedTokensAreRefused() =>
        Assert.Throws<CheckpointException>(() => Load(added: Added(new string('a', 100_000))));

    [Theory]
    [InlineData("4194304")]
    [InlineData("1e3000")]
    [InlineData("0.5")]
    public void AbsurdIdsAreRefused(string id) => Assert.Throws<CheckpointException>(() => Load(vocab: $"\"zz\": {id}"));

    [Fact]
    public void NestingIsBounded()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"type": "Sequence", "normalizers": [""", 500)) + string.Concat(Enumerable.Repeat("]}", 500));
        Assert.Throws<CheckpointException>(() => Load(deep));
    }

    [Fact]
    public void DuplicateKeysAndTokensAreRefused()
    {
        Assert.Throws<CheckpointException>(() => Load(vocab: "\"b\": 98"));
        Assert.Throws<CheckpointException>(() => Load("""{"type": "NFC", "type": "NFD"}"""));
        Assert.Throws<CheckpointException>(() => Load("null, \"normalizer\": null"));
    }

    private static string Added(string content) =>
        $$"""{"id": 1, "content": "{{content}}", "special": true, "normalized": false, "lstrip": false, "rstrip": false, "single_word": false}""";

    private static HuggingFaceTokenizer Load(
        string normalizer = "null",
        string decoder = "null",
        string added = "",
        string vocab = "\"zz\": 500",
        string post = "null") =>
        HuggingFaceTokenizer.FromBytes(
            Encoding.UTF8.GetBytes($$"""
                {"version": "1.0", "added_tokens": [{{added}}], "normalizer": {{normalizer}}, "pre_tokenizer": null, "post_processor": {{post}},
                 "decoder": {{decoder}},
                 "model": {"type": "BPE", "vocab": {"a": 97, "b": 98, "!": 33, {{vocab}} }, "merges": [] } }
                """),
            "test");
}
