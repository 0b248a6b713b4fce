using System.Globalization;
using System.Text;
using System.Text.Json;
using RecursiveMas.Testing;
using RecursiveMas.Tokenizers.Mapping;
using RecursiveMas.Tokenizers.Normalizers;
using RecursiveMas.Tokenizers.Regex;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

public sealed class UnicodeTests
{
    public static IEnumerable<TheoryDataRow<string>> Classes()
    {
        string? folder = Goldens.TryFolder("tokenizers");
        string file = Path.Combine(folder ?? "", "unicode", "classes.json");
        return Goldens.Rows(
            folder is not null && File.Exists(file) ? [.. Read("classes.json").EnumerateObject().Select(entry => entry.Name)] : [],
            "tokenizers/unicode");
    }

    [Theory]
    [MemberData(nameof(Classes))]
    public void ClassMatchesExactlyItsCodePoints(string pattern)
    {
        string[] ranges = Read("classes.json").GetProperty(pattern).GetString()!.Split(' ');
        var expected = new HashSet<int>();
        foreach (string[] range in ranges.Select(range => range.Split('-')))
        {
            for (int c = Hexadecimal(range[0]); c <= Hexadecimal(range[^1]); c++)
                expected.Add(c);
        }

        foreach (bool table in new[] { true, false })
        {
            TokenizerRegex regex = TokenizerRegex.Compile(pattern, "test", table);
            Assert.Equal(table, regex.HasTable);
            Assert.Equal(expected, EveryCodePoint().Where(point => Matches(regex, point)).ToHashSet());
        }
    }

    [Theory]
    [InlineData("NFC", true)]
    [InlineData("NFD", false)]
    public void EveryCodePointNormalizes(string form, bool compose)
    {
        Dictionary<int, string> changed = Read("normalization.json").GetProperty(form).EnumerateObject()
            .ToDictionary(entry => Hexadecimal(entry.Name), entry => Points(entry.Value.GetString()!));
        UnicodeNormalizer normalizer = compose ? UnicodeNormalizer.Nfc : UnicodeNormalizer.Nfd;
        string[] wrong =
        [
            .. EveryCodePoint().Where(point => compose || point is < 0xAC00 or > 0xD7A3)
                .Where(point => Normalized(normalizer, char.ConvertFromUtf32(point)) != changed.GetValueOrDefault(point, char.ConvertFromUtf32(point)))
                .Select(point => point.ToString("X", CultureInfo.InvariantCulture))
        ];
        Assert.Empty(wrong);
    }

    [Fact]
    public void SequencesCompose()
    {
        UnicodeNormalizer normalizer = UnicodeNormalizer.Nfc;
        string[] wrong =
        [
            .. Read("normalization.json").GetProperty("NFC_of_decomposed").EnumerateObject()
                .Where(entry => Normalized(normalizer, Points(entry.Name)) != Points(entry.Value.GetString()!))
                .Select(entry => entry.Name)
        ];
        Assert.Empty(wrong);
    }

    [Fact]
    public void HangulSyllablesDecomposeAndCompose()
    {
        UnicodeNormalizer decompose = UnicodeNormalizer.Nfd;
        UnicodeNormalizer compose = UnicodeNormalizer.Nfc;
        Assert.Equal("\u1100\u1161\u11A8", Normalized(decompose, "\uAC01"));
        for (int syllable = 0xAC00; syllable <= 0xD7A3; syllable++)
        {
            string text = char.ConvertFromUtf32(syllable);
            Assert.Equal(text, Normalized(compose, Normalized(decompose, text)));
        }
    }

    private static bool Matches(TokenizerRegex regex, int point)
    {
        TokenizerRegex.MatchEnumerator matches = regex.Matches(char.ConvertFromUtf32(point));
        return matches.MoveNext();
    }

    internal static string Normalized(TextNormalizer normalizer, string text)
    {
        if (normalizer.LeavesAlone(text))
            return text;
        var mapped = new MappedText();
        mapped.Load(text, 0, tracked: true);
        normalizer.Apply(mapped);
        return mapped.Text.ToString();
    }

    private static IEnumerable<int> EveryCodePoint() => Enumerable.Range(0, 0x110000).Where(point => point is < 0xD800 or > 0xDFFF);

    private static JsonElement Read(string file) =>
        JsonDocument.Parse(File.ReadAllBytes(Goldens.Folder("tokenizers", "unicode", file))).RootElement;

    private static int Hexadecimal(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Points(string text) => string.Concat(text.Split(' ').Select(part => char.ConvertFromUtf32(Hexadecimal(part))));
}
