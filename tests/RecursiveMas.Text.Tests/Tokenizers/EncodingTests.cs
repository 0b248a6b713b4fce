using Microsoft.ML.Tokenizers;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Properties that hold for every tokenizer: concurrency, long texts, buffers, the members of the base class.</summary>
public sealed class EncodingTests
{
    public static IEnumerable<TheoryDataRow<string>> Tiny() => TinyTokenizerTests.Names();

    [Theory]
    [MemberData(nameof(Tiny))]
    public async Task ConcurrentCallsGiveTheSameIds(string name)
    {
        HuggingFaceTokenizer tokenizer = TinyTokenizerTests.Load(name);
        string[] texts = [.. RegexTests.RandomTexts(200)];
        int[][] expected = [.. texts.Select(text => tokenizer.Encode(text, addSpecialTokens: true))];
        HuggingFaceTokenizer shared = TinyTokenizerTests.Load(name);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            for (int i = 0; i < texts.Length; i++)
            {
                int at = (i + (worker * 25)) % texts.Length;
                Assert.Equal(expected[at], shared.Encode(texts[at], addSpecialTokens: true));
                Assert.Equal(shared.Decode(expected[at], skipSpecialTokens: true), tokenizer.Decode(expected[at], skipSpecialTokens: true));
            }
        })));
    }

    [Theory]
    [MemberData(nameof(Tiny))]
    public void LongRunsGiveTheIdsOfTheirParts(string name)
    {
        // The queue for long pieces and the scan for short ones must agree, and a run of a million must be a matter of moments.
        HuggingFaceTokenizer tokenizer = TinyTokenizerTests.Load(name);
        foreach (char c in "a=\u4E00 ")
        {
            int[] small = tokenizer.Encode(new string(c, 40), addSpecialTokens: false);
            int[] large = tokenizer.Encode(new string(c, 4000), addSpecialTokens: false);
            Assert.True(large.Length <= 100 * (small.Length + 2));
            Assert.Equal(large, tokenizer.EncodeWithOffsets(new string(c, 4000), addSpecialTokens: false).Ids);
        }

        Assert.NotNull(tokenizer.Encode(new string('a', 1_000_000), addSpecialTokens: false));
    }

    [Theory]
    [MemberData(nameof(Tiny))]
    public void LoneSurrogatesCountAsReplacementCharacters(string name)
    {
        HuggingFaceTokenizer tokenizer = TinyTokenizerTests.Load(name);
        foreach (string text in new[] { "a\uD800b", "\uDC00", "x\uD83D", "\uDE00\uD83D y" })
        {
            string replaced = new([.. text.Select(c => char.IsSurrogate(c) ? '\uFFFD' : c)]);
            Assert.Equal(tokenizer.Encode(replaced, addSpecialTokens: false), tokenizer.Encode(text, addSpecialTokens: false));
        }
    }

    [Theory]
    [MemberData(nameof(Tiny))]
    public void ReplacedAndCleanCacheAgree(string name)
    {
        // Many different pieces push each other out of the cache.
        HuggingFaceTokenizer warm = TinyTokenizerTests.Load(name);
        var random = new Random(9);
        for (int i = 0; i < 300; i++)
        {
            string text = string.Join(' ', Enumerable.Range(
                0,
                200).Select(_ => random.Next(100_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture).Replace('1', 'e').Replace('2', 't')));
            int[] ids = warm.Encode(text, addSpecialTokens: false);
            if (i % 60 == 0)
                Assert.Equal(TinyTokenizerTests.Load(name).Encode(text, addSpecialTokens: false), ids);
        }
    }

    [Theory]
    [MemberData(nameof(Tiny))]
    public void BaseClassMembersWork(string name)
    {
        HuggingFaceTokenizer tokenizer = TinyTokenizerTests.Load(name);
        Tokenizer general = tokenizer;
        const string text = "Hello world, 123 caf\u00e9 \uD83D\uDE00!";
        int[] ids = tokenizer.Encode(text, addSpecialTokens: false);
        Assert.Equal(ids, general.EncodeToIds(text));
        Assert.Equal(ids.Length, general.CountTokens(text));
        Assert.Equal(tokenizer.Decode(ids, skipSpecialTokens: false), general.Decode(ids));
        IReadOnlyList<EncodedToken> tokens = general.EncodeToTokens(text, out _);
        Assert.Equal(ids, tokens.Select(token => token.Id));
        Assert.Equal(ids, general.EncodeToIds(text.AsSpan()));

        IReadOnlyList<int> cut = general.EncodeToIds(text, 3, out _, out int consumed);
        Assert.True(cut.Count <= 3 && consumed <= text.Length);
        Assert.Equal(ids.Take(cut.Count), cut);
        Assert.Throws<InvalidOptionException>(() => general.EncodeToIds(text, considerNormalization: false));

        char[] buffer = new char[1000];
        Assert.Equal(System.Buffers.OperationStatus.Done, general.Decode(ids, buffer, out int used, out int written));
        Assert.Equal(ids.Length, used);
        Assert.Equal(tokenizer.Decode(ids, skipSpecialTokens: false), new string(buffer, 0, written));
        Assert.Equal(System.Buffers.OperationStatus.DestinationTooSmall, general.Decode(ids, buffer.AsSpan(0, 2), out used, out written));
        Assert.True(used < ids.Length && written <= 2);
    }

    [Theory]
    [MemberData(nameof(Tiny))]
    public void DecodingToleratesUnknownIds(string name)
    {
        HuggingFaceTokenizer tokenizer = TinyTokenizerTests.Load(name);
        int[] ids = tokenizer.Encode("Hello", addSpecialTokens: false);
        int[] mixed = [int.MaxValue, -1, .. ids, int.MinValue, tokenizer.VocabularySize + 100_000];
        Assert.Equal(tokenizer.Decode(ids, skipSpecialTokens: false), tokenizer.Decode(mixed, skipSpecialTokens: false));
        IncrementalDecoder decoder = tokenizer.CreateDecoder(skipSpecialTokens: false);
        Assert.Equal(tokenizer.Decode(ids, skipSpecialTokens: false), string.Concat(mixed.Select(decoder.Append)) + decoder.Finish());
    }

    [Theory]
    [MemberData(nameof(Tiny))]
    public void StreamsNeverCutACharacterAndAddUpToTheWhole(string name)
    {
        HuggingFaceTokenizer tokenizer = TinyTokenizerTests.Load(name);
        foreach (string text in RegexTests.RandomTexts(300))
        {
            int[] ids = tokenizer.Encode(text, addSpecialTokens: true);
            IncrementalDecoder decoder = tokenizer.CreateDecoder(skipSpecialTokens: true);
            string?[] chunks = [.. ids.Select(decoder.Append)];
            Assert.All(
                chunks,
                chunk => Assert.False(chunk is not null && (chunk.Length == 0 || char.IsHighSurrogate(chunk[^1]) || char.IsLowSurrogate(chunk[0]))));
            Assert.Equal(tokenizer.Decode(ids, skipSpecialTokens: true), string.Concat(chunks) + decoder.Finish());
            Assert.Null(decoder.Finish());
        }
    }

    [Fact]
    public void IdsThatNeverBecomeTextDoNotSlowTheStreamDown()
    {
        foreach (TheoryDataRow<string> row in TinyTokenizerTests.Names())
        {
            HuggingFaceTokenizer tokenizer = TinyTokenizerTests.Load(row.Data);
            int id = tokenizer.TokenToId("<0xFF>") ?? tokenizer.TokenToId("\u00FF") ?? tokenizer.VocabularySize - 1;
            IncrementalDecoder decoder = tokenizer.CreateDecoder(skipSpecialTokens: true);
            for (int i = 0; i < 20_000; i++)
                decoder.Append(id);
            decoder.Finish();
        }
    }
}
