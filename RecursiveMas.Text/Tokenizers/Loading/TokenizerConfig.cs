using System.Text.Json;
using RecursiveMas.Checkpoints;

namespace RecursiveMas.Tokenizers;

/// <summary>What tokenizer_config.json and the files beside it say, as transformers reads them.</summary>
internal sealed class TokenizerConfig
{
    private const string FileName = "tokenizer_config.json";
    private const string MapFileName = "special_tokens_map.json";
    private const string ModelFileName = "config.json";

    /// <summary>Lengths above it stand for "no limit".</summary>
    private const double LongestModel = 1_000_000;

    private static readonly string[] s_roles =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private static readonly string[] s_extras = ["additional_special_tokens", "extra_special_tokens"];

    private readonly List<AddedToken> _declared = [];
    private readonly List<AddedToken> _named = [];

    /// <summary>Texts of special tokens by their role, such as eos_token.</summary>
    public Dictionary<string, string> SpecialTokens { get; } = new(StringComparer.Ordinal);

    public int? ModelMaxLength { get; private set; }

    /// <summary>Whether spaces before punctuation are removed after decoding.</summary>
    public bool CleansUpSpaces { get; private set; }

    /// <summary>The class that builds the pipeline in code; null where tokenizer.json holds as it is.</summary>
    public TransformersClass? Class { get; private set; }

    public TransformersOptions Options { get; private set; } = new(null, false, null);

    public static TokenizerConfig Read(CheckpointFolder folder)
    {
        var config = new TokenizerConfig();
        JsonElement main = folder.Contains(FileName)
            ? CheckpointJson.ReadObject(folder, FileName, 16 * CheckpointJson.SmallFile)
            : default;
        var part = new JsonRead(main, folder.Describe(FileName), "root");
        string? modelType = folder.Contains(ModelFileName)
            ? new JsonRead(CheckpointJson.ReadObject(folder, ModelFileName), folder.Describe(ModelFileName), "root").OptionalText("model_type")
            : null;
        config.Class = TransformersClass.Find(modelType, part.OptionalText("tokenizer_class"));
        config.Take(part, onlyNew: false);

        // Folders without added_tokens_decoder keep roles in a file of their own.
        if (!part.Has("added_tokens_decoder") && folder.Contains(MapFileName))
            config.Take(new JsonRead(CheckpointJson.ReadObject(folder, MapFileName), folder.Describe(MapFileName), "root"), onlyNew: true);
        foreach ((string role, string token) in config.Class?.SpecialTokens ?? new Dictionary<string, string>())
        {
            if (!part.HasKey(role) && config.SpecialTokens.TryAdd(role, token))
                config._named.Add(new AddedToken(token) { Special = true });
        }

        if (part.Flag("split_special_tokens", false))
            throw new UnsupportedCheckpointException(part.File, "'split_special_tokens' is true, which is not supported. Set it to false and encode with parseSpecialTokens: false instead.");
        config.CleansUpSpaces = part.Flag("clean_up_tokenization_spaces", false);
        config.Options = new TransformersOptions(
            part.Has("add_prefix_space") ? part.Flag("add_prefix_space") : null,
            part.Flag("legacy", false),
            config.SpecialTokens.GetValueOrDefault("unk_token"));
        return config;
    }

    /// <summary>The added tokens of tokenizer.json, those declared here with other flags, and named ones that neither has.</summary>
    public IEnumerable<AddedToken> WithOwn(IReadOnlyList<AddedToken> tokens)
    {
        var known = tokens.ToHashSet();
        var result = new List<AddedToken>(tokens);
        result.AddRange(_declared.Where(token => !known.Contains(token)));
        var contents = result.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        result.AddRange(_named.Where(token => contents.Add(token.Content)));
        return result;
    }

    private void Take(JsonRead part, bool onlyNew)
    {
        foreach (string role in s_roles.Where(part.Has))
        {
            AddedToken token = ReadToken(part, role);
            if (onlyNew && SpecialTokens.ContainsKey(role))
                continue;
            SpecialTokens[role] = token.Content;
            _named.Add(token);
        }

        foreach (string key in s_extras.Where(part.Has))
            _named.AddRange(part.Entries(key).Select(entry => ReadToken(entry, null)));
        if (part.Has("added_tokens_decoder"))
        {
            _declared.AddRange(part.Part("added_tokens_decoder").Properties()
                .OrderBy(entry => int.TryParse(entry.Name, out int id) ? id : int.MaxValue)
                .Select(entry => ReadToken(entry.Value, null)));
        }

        if (part.Has("model_max_length"))
            ModelMaxLength = part.Real("model_max_length") is var length and <= LongestModel ? Math.Max((int)length, 1) : null;
    }

    private static string Bounded(JsonRead value) =>
        value.OwnText() is var text && text.Length <= AddedToken.LongestContent
            ? text
            : throw new CheckpointException(value.File, $"'{value.Where}' must be at most {AddedToken.LongestContent} characters long.");

    private static AddedToken ReadToken(JsonRead part, string? key)
    {
        JsonRead value = key is null ? part : part.Part(key);
        if (value.Element.ValueKind == JsonValueKind.String)
            return new AddedToken(Bounded(value)) { Special = true };
        bool special = value.Flag("special", key is not null);
        return new AddedToken(value.Text("content", AddedToken.LongestContent))
        {
            Special = special,
            Normalized = value.Flag("normalized", !special),
            StripLeft = value.Flag("lstrip", false),
            StripRight = value.Flag("rstrip", false),
            SingleWord = value.Flag("single_word", false),
        };
    }
}
