using RecursiveMas.Checkpoints;
using RecursiveMas.Tokenizers.AddedTokens;
using RecursiveMas.Tokenizers.Bpe;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>
/// The special and added tokens that the files beside tokenizer.json declare, with the precedence that transformers (5.3.0) gives them: where
/// tokenizer_config.json has added_tokens_decoder, it speaks alone; else special_tokens_map.json overrides its names, and added_tokens.json adds tokens.
/// </summary>
internal sealed class DeclaredTokens
{
    private const string MapFileName = "special_tokens_map.json";
    private const string AddedFileName = "added_tokens.json";
    private const string Decoder = "added_tokens_decoder";
    private const string Extra = "extra_special_tokens";
    private const string Additional = "additional_special_tokens";
    private const string Specific = "model_specific_special_tokens";
    private const string Suffix = "_token";

    private static readonly string[] s_roles =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    // By role; null where a file says that there is none.
    private readonly Dictionary<string, AddedToken?> _roles = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, AddedToken> _specific = new(StringComparer.Ordinal);
    private readonly List<AddedToken> _extra = [];

    // Of the map alone: added_tokens.json does not know them as special.
    private readonly List<AddedToken> _additional = [];
    private readonly SortedDictionary<int, AddedToken> _byId = [];
    private bool _isComplete;
    private bool _hasExtraList;
    private string _file = "";

    /// <summary>Named special tokens: the roles in their order, then those of the model, as chat templates see them.</summary>
    public IEnumerable<KeyValuePair<string, AddedToken>> Named =>
        s_roles.Where(role => _roles.GetValueOrDefault(role) is not null).Select(role => KeyValuePair.Create(role, _roles[role]!)).Concat(_specific);

    /// <param name="folder">The checkpoint.</param>
    /// <param name="config">tokenizer_config.json; empty where there is none.</param>
    /// <param name="defaults">Roles of the tokenizer class, for those that no file mentions.</param>
    public static DeclaredTokens Read(CheckpointFolder folder, JsonRead config, IReadOnlyDictionary<string, string>? defaults)
    {
        var tokens = new DeclaredTokens { _file = config.File };
        tokens.TakeNames(config);
        if (config.Has(Decoder))
            tokens.TakeDecoder(config.Part(Decoder));
        else
            tokens.TakeOlderFiles(folder);
        foreach ((string role, string token) in defaults ?? new Dictionary<string, string>())
            tokens._roles.TryAdd(role, new AddedToken(token) { Special = true });
        return tokens;
    }

    /// <summary>All added tokens in the order in which the engine gets them.</summary>
    /// <param name="own">Those of tokenizer.json with their ids.</param>
    /// <param name="rebuilt">Whether a class builds the tokenizer anew, so that the tokens of tokenizer.json come in only where they are declared.</param>
    /// <exception cref="UnsupportedCheckpointException">A token of tokenizer.json would be lost.</exception>
    public List<AddedToken> Join(IReadOnlyList<(int Id, AddedToken Token)> own, bool rebuilt)
    {
        var declared = new SortedDictionary<int, AddedToken>(_byId);
        if (!_isComplete)
        {
            foreach ((int id, AddedToken token) in own)
                declared[id] = token;
        }
        else if (rebuilt)
        {
            RefuseLoss(own);
        }

        HashSet<string> names = Named.Select(entry => entry.Value.Content).ToHashSet(StringComparer.Ordinal);
        List<AddedToken> result = rebuilt ? [] : [.. own.Select(entry => entry.Token)];
        var known = result.ToHashSet();
        result.AddRange(declared.Values
            .Where(token => !known.Contains(token))
            .Select(token => token with { Special = token.Special || names.Contains(token.Content) }));
        var contents = result.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        result.AddRange(Named.Select(entry => entry.Value)
            .Concat(_extra)
            .Concat(_additional)
            .Where(token => contents.Add(token.Content))
            .Select(token => token with { Special = true }));
        return result;
    }

    /// <summary>Compares declared ids with those that the engine gave, which numbers new tokens one after another.</summary>
    /// <exception cref="CheckpointException">A token got another id than its file says, so that the model's row for it would not be found.</exception>
    public void CheckIds(AddedVocabulary added, IReadOnlyList<(int Id, AddedToken Token)> own, Vocabulary vocabulary)
    {
        var known = own.Select(entry => entry.Token.Content).ToHashSet(StringComparer.Ordinal);
        foreach ((int id, AddedToken token) in _byId.Where(entry => !known.Contains(entry.Value.Content) && vocabulary.Find(entry.Value.Content) < 0))
        {
            if (added.Tokens.GetValueOrDefault(id)?.Content != token.Content)
                throw new CheckpointException(_file, $"gives the token '{token.Content}' the id {id}, which is taken or does not follow the tokens that are " +
                    "there. The file is not of the same tokenizer as tokenizer.json; download both again.");
        }
    }

    private void TakeNames(JsonRead config)
    {
        foreach (string role in s_roles.Where(config.HasKey))
            _roles[role] = config.Has(role) ? TokenReader.Read(config.Part(role), named: true) : null;
        foreach ((string name, JsonRead value) in Properties(config).Where(entry => IsOfModel(entry.Name) && TokenReader.IsToken(entry.Value)))
            _specific[name] = TokenReader.Read(value, named: true);

        // The older name counts only where the newer one is not there at all.
        string extra = config.HasKey(Extra) ? Extra : Additional;
        _hasExtraList = config.HasKey(extra) && !config.HasObject(extra);
        if (config.HasObject(extra))
            TakeSpecific(config.Part(extra));
        else if (config.Has(extra))
            _extra.AddRange(ReadList(config, extra));
        if (_specific.Count == 0 && config.Has(Specific))
            TakeSpecific(config.Part(Specific));
    }

    private void TakeSpecific(JsonRead part)
    {
        foreach ((string name, JsonRead value) in part.Properties())
            _specific[name] = TokenReader.Read(value, named: true);
    }

    private void TakeDecoder(JsonRead decoder)
    {
        _isComplete = true;
        foreach ((string key, JsonRead value) in decoder.Properties())
        {
            if (!int.TryParse(key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int id))
                throw new CheckpointException(decoder.File, $"'{decoder.Where}' has the key '{key}', which is not an id.");
            _byId[id] = TokenReader.Read(value, named: false);
        }
    }

    private void TakeOlderFiles(CheckpointFolder folder)
    {
        if (folder.Contains(MapFileName))
            TakeMap(new JsonRead(CheckpointJson.ReadObject(folder, MapFileName), folder.Describe(MapFileName), "root"));
        if (folder.Contains(AddedFileName))
            TakeAdded(new JsonRead(CheckpointJson.ReadObject(folder, AddedFileName, TokenizerConfig.LargestFile), folder.Describe(AddedFileName), "root"));
    }

    private void TakeMap(JsonRead map)
    {
        bool hasExtraList = _hasExtraList || (map.HasKey(Extra) && !map.HasObject(Extra));
        foreach ((string name, JsonRead value) in map.Properties())
        {
            if (s_roles.Contains(name))
                _roles[name] = map.Has(name) ? TokenReader.Read(value, named: true) : null;
            else if (IsOfModel(name) && TokenReader.IsToken(value))
                _specific.TryAdd(name, TokenReader.Read(value, named: true));
            else if (name == Extra && map.HasObject(name))
                TakeSpecific(value);
            else if (name == Extra && map.Has(name))
                _extra.AddRange(ReadList(map, name));
            else if (name == Additional && map.Has(name) && !hasExtraList)
                _additional.AddRange(ReadList(map, name));
        }
    }

    private void TakeAdded(JsonRead added)
    {
        _file = added.File;
        HashSet<string> special = [.. s_roles.Select(role => _roles.GetValueOrDefault(role)?.Content ?? ""), .. _extra.Select(token => token.Content)];
        foreach ((string content, JsonRead value) in added.Properties())
        {
            bool isSpecial = special.Contains(content);
            var token = new AddedToken(TokenReader.Bounded(content, value)) { Special = isSpecial, Normalized = !isSpecial };
            _byId[value.OwnNumber()] = token;
        }
    }

    private void RefuseLoss(IReadOnlyList<(int Id, AddedToken Token)> own)
    {
        var declared = _byId.Values.Concat(_extra).Concat(Named.Select(entry => entry.Value)).Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        (int id, AddedToken? lost) = own.FirstOrDefault(entry => !declared.Contains(entry.Token.Content));
        if (lost is not null)
            throw new UnsupportedCheckpointException(_file, $"'{Decoder}' lacks the token '{lost.Content}' (id {id}) of tokenizer.json, so that the " +
                "tokenizer class named here would lose it. List it there, or name the class PreTrainedTokenizerFast, which takes tokenizer.json as it is.");
    }

    private static IEnumerable<AddedToken> ReadList(JsonRead part, string key) => part.List(key).Select(entry => TokenReader.Read(entry, named: true));

    private static bool IsOfModel(string name) => name.EndsWith(Suffix, StringComparison.Ordinal) && !s_roles.Contains(name);

    private static IEnumerable<(string Name, JsonRead Value)> Properties(JsonRead config) =>
        config.Element.ValueKind == System.Text.Json.JsonValueKind.Object ? config.Properties() : [];
}
