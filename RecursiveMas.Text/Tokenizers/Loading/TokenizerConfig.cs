using RecursiveMas.Checkpoints;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>What tokenizer_config.json and the files beside it say, as transformers reads them.</summary>
internal sealed class TokenizerConfig
{
    /// <summary>Largest file with tokens beside tokenizer.json, in bytes.</summary>
    public const long LargestFile = 16 * CheckpointJson.SmallFile;

    private const string FileName = "tokenizer_config.json";
    private const string ModelFileName = "config.json";
    private const string VersionedFiles = "fast_tokenizer_files";

    /// <summary>Lengths above it stand for "no limit".</summary>
    private const double LongestModel = 1_000_000;

    /// <summary>Texts of the named special tokens, such as eos_token.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; private init; } = new Dictionary<string, string>();

    /// <summary>Special and added tokens.</summary>
    public required DeclaredTokens Tokens { get; init; }

    public int? ModelMaxLength { get; private init; }

    /// <summary>Whether spaces before punctuation are removed after decoding.</summary>
    public bool CleansUpSpaces { get; private init; }

    /// <summary>The class that builds the pipeline in code; null where tokenizer.json holds as it is.</summary>
    public TransformersClass? Class { get; private init; }

    public TransformersOptions Options { get; private init; } = new(null, false, null);

    /// <exception cref="CheckpointException">A file is damaged, or tokenizer_config.json is missing from the folder of a model.</exception>
    public static TokenizerConfig Read(CheckpointFolder folder)
    {
        JsonRead? model = folder.Contains(ModelFileName) ? Open(folder, ModelFileName, CheckpointJson.SmallFile) : null;
        bool hasConfig = folder.Contains(FileName);
        if (model is not null && !hasConfig)
        {
            // Without it, transformers takes the class of the model type, whose pipeline and special tokens may be others than those of tokenizer.json.
            throw new CheckpointException(
                folder.Describe(FileName),
                "the file is missing, so that neither the tokenizer's class nor its special tokens are known. Complete the download of this repository; " +
                "if it never had this file, write one: {\"tokenizer_class\": \"PreTrainedTokenizerFast\", \"eos_token\": " +
                "\"...\"} takes tokenizer.json as it is.");
        }

        JsonRead config = hasConfig ? Open(folder, FileName, LargestFile) : new JsonRead(default, folder.Describe(FileName), "root");
        TransformersClass? known = TransformersClass.Find(model?.OptionalText("model_type"), config.OptionalText("tokenizer_class"), model);
        var tokens = DeclaredTokens.Read(folder, config, known?.SpecialTokens);
        Dictionary<string, string> named = tokens.Named.ToDictionary(entry => entry.Key, entry => entry.Value.Content, StringComparer.Ordinal);
        RefuseUnsupported(config);
        return new TokenizerConfig
        {
            Tokens = tokens,
            SpecialTokens = named,
            Class = known,
            ModelMaxLength = config.Has("model_max_length") && config.Real("model_max_length") is var length and <= LongestModel
                ? Math.Max((int)length, 1)
                : null,
            CleansUpSpaces = config.Flag("clean_up_tokenization_spaces", false),
            Options = new TransformersOptions(
                config.Has("add_prefix_space") ? config.Flag("add_prefix_space") : null,
                config.Flag("legacy", false),
                named.GetValueOrDefault("unk_token")),
        };
    }

    private static JsonRead Open(CheckpointFolder folder, string file, long maximumBytes) =>
        new(CheckpointJson.ReadObject(folder, file, maximumBytes), folder.Describe(file), "root");

    private static void RefuseUnsupported(JsonRead config)
    {
        if (config.Flag("split_special_tokens", false))
            throw new UnsupportedCheckpointException(
                config.File,
                "'split_special_tokens' is true, which is not supported. Set it to false and encode with parseSpecialTokens: false instead.");
        if (config.Has(VersionedFiles)
            && config.List(VersionedFiles).Select(file => file.OwnText()).FirstOrDefault(file => file != HuggingFaceTokenizer.FileName) is { } other)
            throw new UnsupportedCheckpointException(config.File, $"'{VersionedFiles}' names '{other}', a tokenizer for some versions of transformers only. " +
                $"Save the tokenizer again with a current version, as {HuggingFaceTokenizer.FileName}.");
    }
}
