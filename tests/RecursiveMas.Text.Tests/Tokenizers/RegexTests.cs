using System.Diagnostics;
using RecursiveMas.Tokenizers.PreTokenizers;
using RecursiveMas.Tokenizers.Regex;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Both engines of tokenizer regular expressions: the table and the backtracking one.</summary>
public sealed class RegexTests
{
    // Patterns of families in the wild, and constructs of all kinds that the table knows.
    private static readonly string[] s_tablePatterns =
    [
        SplitPreTokenizer.ByteLevelPattern, @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" +
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" +
        @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
        @"[\p{Han}]+|[^\s]+", @"\p{N}{1,3}(?=(?:\p{N}{3})|x)", @"a(?=b)|ab", @"(?:a|ab)(?:c|bcd)(?:d*)", @"a??b|a+?", @"(a|b)*?c", @"(?:a*)*b|a", @"x*",
        @"$|a", @"[^a]+\z|a", @"(?:)", @"a{0,2}b{2,}", @"(?i)ſtraSSe|k", @"(?x) a b # comment", @"(?m).+", ".", @"[a-c&&[^b]]+", @"[\]\-x]",
        @"\x41\x{1F600}\u00e9", @"[^\s]?\p{^L}",
    ];

    private static readonly string[] s_otherPatterns =
    [
        @"(?<=l)l", @"(?<!a)b", @"(?>l+)l|\s++", @"\bword\b", @"^\s+|\s+$", @"\Aab", @"(?<=ab|c)d", @"(?=.*x)a", @"\B.", @"(?!ab)\w+",
    ];

    private static readonly string[] s_texts =
    [
        "", "a", "ab", "abcd", "Hello world's  end\r\n\n 12345 don'T", "  \n\t x  ", "\u4F60\u597D\uFF0C\u4E16\u754C 123\u0664",
        "e\u0301\uD83D\uDE00\uD835\uDC00\uD800", "word words sword word", "\ud800", "aaa\nbbb\n", "lll  l", "STRASSE K \u212A \u017F", "abx axx aab ccd abd",
        "\u0E2A\u0E27\u0E31\u0E2A\u0E14\u0E35", "x^2 + y_1 = \\frac{1}{2}", "aAa.b!c?",
    ];

    public static TheoryData<string> Tables() => [.. s_tablePatterns.Where(pattern => !pattern.Contains('\u017F'))];

    public static TheoryData<string> Others() => [.. s_otherPatterns];

    [Theory]
    [MemberData(nameof(Tables))]
    public void BothEnginesFindTheSame(string pattern)
    {
        TokenizerRegex table = TokenizerRegex.Compile(pattern, "test");
        TokenizerRegex backtracking = TokenizerRegex.Compile(pattern, "test", useTable: false);
        Assert.Equal(!pattern.Contains("{3}", StringComparison.Ordinal), table.HasTable);
        foreach (string text in s_texts.Concat(RandomTexts(300)))
            Assert.Equal(Matches(backtracking, text), Matches(table, text));
    }

    // Where the runtime's engine means the same: no properties, no astral characters, no empty matches.
    [Theory]
    [InlineData(@"(?:a|ab)(?:c|bcd)(?:d*)")]
    [InlineData(@"a??b|a+?")]
    [InlineData(@"(a|b)*?c")]
    [InlineData(@"(?:a*)*b|a")]
    [InlineData(@"a{0,2}b{2,}")]
    [InlineData(@"(?<=l)l")]
    [InlineData(@"(?<!a)b")]
    [InlineData(@"(?>a+)b|a")]
    [InlineData(@"\bab\b|b+")]
    [InlineData(@"(?<=ab|c)d")]
    [InlineData(@"(?=.*x)a")]
    [InlineData(@"(?!ab)[a-z]+")]
    [InlineData(@"(?:a(?!b)|b(?=c))+")]
    [InlineData(@"(?:(?:a|b)+?c)+|b{2}")]
    public void RuntimeEngineFindsTheSame(string pattern)
    {
        TokenizerRegex ours = TokenizerRegex.Compile(pattern, "test");
        TokenizerRegex backtracking = TokenizerRegex.Compile(pattern, "test", useTable: false);
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => "aabbcdlx "[random.Next(9)]));
            (int, int)[] expected = [.. System.Text.RegularExpressions.Regex.Matches(text, pattern).Select(match => (match.Index, match.Index + match.Length))];
            Assert.Equal(expected, Matches(ours, text));
            Assert.Equal(expected, Matches(backtracking, text));
        }
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void OtherConstructsCompile(string pattern)
    {
        TokenizerRegex regex = TokenizerRegex.Compile(pattern, "test");
        foreach (string text in s_texts.Concat(RandomTexts(100)))
        {
            (int Start, int End)[] matches = Matches(regex, text);
            Assert.All(matches, match => Assert.InRange(match.Start, 0, match.End));
            Assert.Equal(matches, matches.OrderBy(match => match.Start));
        }
    }

    [Theory]
    [InlineData(@"(a)\1")]
    [InlineData(@"\p{Foo}")]
    [InlineData("(?<=a+)b")]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData(@"a\")]
    [InlineData("a{5,2}")]
    [InlineData("a{1,100000}")]
    [InlineData("(?:(?:(?:a{1000}){1000}){1000}){1000}")]
    [InlineData("(?:(?:(?:){1000}){1000}){1000}")]
    [InlineData("(?i:\u00e9)")]
    [InlineData(@"\k<x>")]
    [InlineData("[[:alpha:]]")]
    [InlineData(@"\x{110000}")]
    [InlineData("(?#")]
    [InlineData("(?<a")]
    public void DamagedOrUnsupportedPatternsAreRefused(string pattern) =>
        Assert.ThrowsAny<CheckpointException>(() => TokenizerRegex.Compile(pattern, "file"));

    [Fact]
    public void DeepNestingIsRefused() =>
        Assert.ThrowsAny<CheckpointException>(() => TokenizerRegex.Compile(new string('(', 15_000), "file"));

    [Theory]
    [InlineData("(?:a+)+b")]
    [InlineData("(?:a|a)*b")]
    [InlineData("(?:a|aa)+$b")]
    [InlineData("(?>a*a*)b")]
    [InlineData("[^b]*b|a")]
    [InlineData("(?:a*)*(?:a*)*(?:a*)*b")]
    public void CatastrophicPatternsStayCheap(string pattern)
    {
        TokenizerRegex regex = TokenizerRegex.Compile(pattern, "test");
        string text = new('a', 20_000);
        long start = Stopwatch.GetTimestamp();
        try
        {
            Matches(regex, text);
        }
        catch (TokenizationException)
        {
            // As good: refused by name before it costs much.
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "The work is not bounded.");
    }

    private static (int Start, int End)[] Matches(TokenizerRegex regex, string text)
    {
        var result = new List<(int, int)>();
        TokenizerRegex.MatchEnumerator matches = regex.Matches(text);
        while (matches.MoveNext())
            result.Add((matches.Start, matches.End));
        return [.. result];
    }

    internal static IEnumerable<string> RandomTexts(int count)
    {
        const string alphabet = "aabAB'sSlxk \t\r\n01\u0663.,!-\u00e9\u0301\u4E00\u3042\u01C5\u02B0\u017F";
        var random = new Random(3);
        for (int i = 0; i < count; i++)
        {
            yield return string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => random.Next(12) switch
            {
                0 => "\uD83D\uDE00",
                1 => char.ConvertFromUtf32(random.Next(0x10000, 0x1FFFF)),
                _ => alphabet[random.Next(alphabet.Length)].ToString(),
            }));
        }
    }
}
