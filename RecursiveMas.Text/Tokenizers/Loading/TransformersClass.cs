using RecursiveMas.Tokenizers.Bpe;
using RecursiveMas.Tokenizers.Decoders;
using RecursiveMas.Tokenizers.Normalizers;
using RecursiveMas.Tokenizers.PreTokenizers;
using RecursiveMas.Tokenizers.Regex;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>
/// A tokenizer class of transformers (5.3.0) that builds its pipeline in code and takes only vocabulary, merges and post-processor from
/// tokenizer.json. The library uses such a class where tokenizer_config.json names the one that belongs to the model type, or none;
/// in all other cases the file holds as it is.
/// </summary>
internal sealed record TransformersClass(string Name)
{
    private const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const char Metaspace = '\u2581';
    private const string ClassKey = "tokenizer_class";

    private static readonly Dictionary<string, TransformersClass> s_ofModel = new(StringComparer.Ordinal)
    {
        ["llama"] = Llama(),
        ["deepseek_v2"] = Llama(),
        ["deepseek_v3"] = Llama(),
        ["qwen2"] = Qwen2(),
        ["qwen2_moe"] = Qwen2(),
        ["qwen3"] = Qwen2(),
        ["qwen3_moe"] = Qwen2(),
        ["gemma"] = Gemma(),
        ["gemma2"] = Gemma(),
        ["gemma3"] = Gemma(),
        ["gemma3_text"] = Gemma(),
    };

    public required Func<TransformersOptions, TextNormalizer?> Normalizer { get; init; }

    public required Func<TransformersOptions, IReadOnlyList<PiecePreTokenizer>> PreTokenizers { get; init; }

    public required Func<TransformersOptions, BpeOptions> Model { get; init; }

    public required Func<TransformersOptions, TokenDecoder> Decoder { get; init; }

    /// <summary>Special tokens where tokenizer_config.json has no such key.</summary>
    public required IReadOnlyDictionary<string, string> SpecialTokens { get; init; }

    /// <summary>The class that transformers would use, or null where it takes the file as it is.</summary>
    /// <param name="modelType">The model type of config.json; null if there is none.</param>
    /// <param name="tokenizerClass">The class that tokenizer_config.json names; null if it names none.</param>
    /// <param name="model">config.json, which may name a class where the other does not; null if there is none.</param>
    /// <exception cref="UnsupportedCheckpointException">config.json names a class that is not known here, and nothing else does.</exception>
    public static TransformersClass? Find(string? modelType, string? tokenizerClass, JsonRead? model)
    {
        if (tokenizerClass is null && model?.OptionalText(ClassKey) is { } fallback)
            return FindNamed(fallback, model.Value);
        if (modelType is null || !s_ofModel.TryGetValue(modelType, out TransformersClass? own))
            return null;
        return tokenizerClass is null || Plain(tokenizerClass) == own.Name ? own : null;
    }

    // That class is used whatever the model type.
    private static TransformersClass? FindNamed(string name, JsonRead model)
    {
        if (Plain(name) is "PreTrainedTokenizer" or "TokenizersBackend")
            return null;
        return s_ofModel.Values.FirstOrDefault(known => known.Name == Plain(name))
            ?? throw model.Unknown(ClassKey, name, s_ofModel.Values.Select(known => known.Name).Distinct().Append("PreTrainedTokenizerFast"));
    }

    private static string Plain(string name) => name.Replace("Fast", "", StringComparison.Ordinal);

    private static TransformersClass Llama() => new("LlamaTokenizer")
    {
        Normalizer = _ => null,
        PreTokenizers = options => [new MetaspacePreTokenizer(
            Metaspace,
            options.HasPrefixSpace(true) ? options.Legacy ? PrependScheme.Always : PrependScheme.First : PrependScheme.Never,
            split: false)],
        Model = _ => new BpeOptions { FuseUnknown = true, ByteFallback = true },
        Decoder = options => new SequenceDecoder(
        [
            new ReplaceDecoder(TextPattern.OfLiteral("\u2581"), " "),
            new ByteFallbackDecoder(),
            new FuseDecoder(),
            .. options.HasPrefixSpace(true) ? [new StripDecoder(' ', start: 1, stop: 0)] : Array.Empty<TokenDecoder>(),
        ]),
        SpecialTokens = new Dictionary<string, string> { ["unk_token"] = "<unk>", ["bos_token"] = "<s>", ["eos_token"] = "</s>" },
    };

    private static TransformersClass Qwen2() => new("Qwen2Tokenizer")
    {
        Normalizer = _ => UnicodeNormalizer.Nfc,
        PreTokenizers = options =>
        [
            new SplitPreTokenizer(TextPattern.OfRegex(QwenPattern, "Qwen2Tokenizer"), SplitBehavior.Isolated, invert: false),
            .. options.HasPrefixSpace(false) ? [new PrefixSpacePreTokenizer()] : Array.Empty<PiecePreTokenizer>(),
            new ByteAlphabetPreTokenizer(),
        ],
        Model = _ => new BpeOptions(),
        Decoder = _ => new ByteLevelDecoder(),
        SpecialTokens = new Dictionary<string, string>
        {
            ["unk_token"] = "<|endoftext|>",
            ["eos_token"] = "<|endoftext|>",
            ["pad_token"] = "<|endoftext|>",
        },
    };

    private static TransformersClass Gemma() => new("GemmaTokenizer")
    {
        Normalizer = _ => new ReplaceNormalizer(TextPattern.OfLiteral(" "), "\u2581"),
        PreTokenizers = _ => [new SplitPreTokenizer(TextPattern.OfLiteral(" "), SplitBehavior.MergedWithPrevious, invert: false)],
        Model = options => new BpeOptions { UnknownToken = options.UnknownToken, FuseUnknown = true, ByteFallback = true },
        Decoder = _ => new SequenceDecoder([new ReplaceDecoder(TextPattern.OfLiteral("\u2581"), " "), new ByteFallbackDecoder(), new FuseDecoder()]),
        SpecialTokens = new Dictionary<string, string>
        {
            ["unk_token"] = "<unk>",
            ["bos_token"] = "<bos>",
            ["eos_token"] = "<eos>",
            ["pad_token"] = "<pad>",
            ["mask_token"] = "<mask>",
        },
    };
}

/// <summary>Keys of tokenizer_config.json that such a class takes.</summary>
/// <param name="AddPrefixSpace">add_prefix_space, if given.</param>
/// <param name="Legacy">legacy.</param>
/// <param name="UnknownToken">The text of the unknown token.</param>
internal sealed record TransformersOptions(bool? AddPrefixSpace, bool Legacy, string? UnknownToken)
{
    public bool HasPrefixSpace(bool otherwise) => AddPrefixSpace ?? otherwise;
}
