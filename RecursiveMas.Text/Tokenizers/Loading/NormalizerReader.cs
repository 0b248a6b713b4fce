using RecursiveMas.Tokenizers.Normalizers;
using RecursiveMas.Tokenizers.Regex;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>Builds the part 'normalizer' of a tokenizer.json.</summary>
internal static class NormalizerReader
{
    private static readonly Dictionary<string, Func<JsonRead, TextNormalizer>> s_types = new(StringComparer.Ordinal)
    {
        ["Sequence"] = part => new SequenceNormalizer([.. part.List("normalizers").Select(Read)]),
        ["NFC"] = _ => UnicodeNormalizer.Nfc,
        ["NFD"] = _ => UnicodeNormalizer.Nfd,
        ["NFKC"] = _ => UnicodeNormalizer.Nfkc,
        ["NFKD"] = _ => UnicodeNormalizer.Nfkd,
        ["Lowercase"] = _ => new LowercaseNormalizer(),
        ["StripAccents"] = _ => new StripAccentsNormalizer(),
        ["Strip"] = part => new StripNormalizer(part.Flag("strip_left"), part.Flag("strip_right")),
        ["Prepend"] = part => new PrependNormalizer(part.Text("prepend")),
        ["Replace"] = part => new ReplaceNormalizer(PatternReader.Read(part.Part("pattern")), part.Text("content")),
        ["ByteLevel"] = _ => new ByteLevelNormalizer(),
    };

    public static TextNormalizer Read(JsonRead part) => part.Choice("type", s_types)(part);
}

/// <summary>Builds what a Replace or Split looks for.</summary>
internal static class PatternReader
{
    public static TextPattern Read(JsonRead part) =>
        part.Has("String") ? TextPattern.OfLiteral(part.Text("String")) : TextPattern.OfRegex(part.Text("Regex"), part.File);
}
