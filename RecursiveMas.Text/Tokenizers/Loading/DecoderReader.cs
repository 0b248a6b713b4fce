using RecursiveMas.Tokenizers.Decoders;
using RecursiveMas.Tokenizers.PreTokenizers;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>Builds the part 'decoder' of a tokenizer.json.</summary>
internal static class DecoderReader
{
    private static readonly Dictionary<string, Func<JsonRead, TokenDecoder>> s_types = new(StringComparer.Ordinal)
    {
        ["Sequence"] = part => new SequenceDecoder([.. part.List("decoders").Select(Read)]),
        ["ByteLevel"] = _ => new ByteLevelDecoder(),
        ["ByteFallback"] = _ => new ByteFallbackDecoder(),
        ["Fuse"] = _ => new FuseDecoder(),
        ["Replace"] = part => new ReplaceDecoder(PatternReader.Read(part.Part("pattern")), part.Text("content")),
        ["Strip"] = part => new StripDecoder(part.Character("content"), part.Number("start"), part.Number("stop")),
        ["Metaspace"] = part => new MetaspaceDecoder(
            new System.Text.Rune(part.Character("replacement")).ToString(),
            PreTokenizerReader.ReadScheme(part) != PrependScheme.Never),
        ["BPEDecoder"] = part => new BpeSuffixDecoder(part.Text("suffix")),
    };

    public static TokenDecoder Read(JsonRead part) => part.Choice("type", s_types)(part);
}
