using System.Collections.ObjectModel;
using Microsoft.ML.Tokenizers;
using RecursiveMas.Checkpoints;
using RecursiveMas.Tokenizers.AddedTokens;
using RecursiveMas.Tokenizers.Decoders;
using RecursiveMas.Tokenizers.Loading;
using RecursiveMas.Tokenizers.Pipeline;

namespace RecursiveMas;

/// <summary>
/// A tokenizer read from the files of a Hugging Face repository: byte-pair encoding with the normalisers, pre-tokenizers, added tokens,
/// post-processors and decoders that stand in tokenizer.json. Ids are those of the reference engine. Immutable and safe for concurrent use.
/// </summary>
/// <remarks>
/// Text that looks like a special token is encoded as that token, as the reference does. Text from outside should not be able to do so:
/// encode it with <c>parseSpecialTokens: false</c>, or name its ranges within a rendered prompt as protected ranges. No token with the
/// flag <c>special</c> is then found in it, nor across its border; added tokens without that flag are ordinary vocabulary and are found
/// everywhere. Where protected text holds no text of a special token, the ids are the same with and without protection.
/// </remarks>
public sealed partial class HuggingFaceTokenizer : Tokenizer
{
    internal const string FileName = "tokenizer.json";

    private static readonly string[] s_otherForms = ["tokenizer.model", "vocab.json", "tekken.json"];

    private readonly TokenizerPipeline _pipeline;

    private HuggingFaceTokenizer(TokenizerPipeline pipeline, TokenizerConfig? config)
    {
        _pipeline = pipeline;
        SpecialTokens = new ReadOnlyDictionary<string, string>(config?.SpecialTokens.ToDictionary(StringComparer.Ordinal) ?? []);
        ModelMaxLength = config?.ModelMaxLength;
        VocabularySize = pipeline.TokenCount;
        BosTokenId = IdOfRole("bos_token");
        EosTokenId = IdOfRole("eos_token");
        PadTokenId = IdOfRole("pad_token");
        UnknownTokenId = IdOfRole("unk_token");
    }

    /// <summary>Id of the token that begins a text, or null if the tokenizer names none.</summary>
    public int? BosTokenId { get; }

    /// <summary>Id of the token that ends a text, or null if the tokenizer names none.</summary>
    public int? EosTokenId { get; }

    /// <summary>Id of the padding token, or null if the tokenizer names none.</summary>
    public int? PadTokenId { get; }

    /// <summary>Id of the token for unknown text, or null if the tokenizer names none.</summary>
    public int? UnknownTokenId { get; }

    /// <summary>Number of tokens, added ones included. A model may have more rows.</summary>
    public int VocabularySize { get; }

    /// <summary>Longest input of the model in tokens as the tokenizer states it; null if it states none or one above a million.</summary>
    public int? ModelMaxLength { get; }

    /// <summary>
    /// Texts of the named special tokens, as chat templates use them: bos_token, eos_token, pad_token, unk_token and the other roles, and those that a model
    /// names itself, such as image_token or the entries of extra_special_tokens.
    /// </summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; }

    /// <summary>
    /// Reads the tokenizer of a checkpoint as transformers does: tokenizer_config.json may change added tokens and name special ones (where it lists no added
    /// tokens, special_tokens_map.json and added_tokens.json do too), and where it names the tokenizer class of the folder's model type, that class's
    /// pipeline replaces the one of tokenizer.json. A folder that holds nothing of a model but tokenizer.json is taken as it is.
    /// </summary>
    /// <param name="folder">The folder with tokenizer.json and tokenizer_config.json.</param>
    /// <exception cref="CheckpointException">A file is missing (of the folder of a model also tokenizer_config.json), damaged or too large.</exception>
    /// <exception cref="UnsupportedCheckpointException">A part of the tokenizer is not supported.</exception>
    public static HuggingFaceTokenizer Load(CheckpointFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        RefuseOtherForms(folder);
        byte[] bytes = folder.ReadAllBytes(FileName, CheckpointJson.LargeFile);
        TokenizerConfig config = TokenizerConfig.Read(folder);
        return Guarded(
            folder.Describe(FileName),
            () => new HuggingFaceTokenizer(PipelineReader.Read(TokenizerJson.Read(bytes, folder.Describe(FileName)), config), config));
    }

    /// <summary>Reads the tokenizer of a folder on disk.</summary>
    /// <param name="directory">Path of the folder.</param>
    /// <exception cref="CheckpointException">The folder or a file is missing, damaged or too large.</exception>
    /// <exception cref="UnsupportedCheckpointException">A part of the tokenizer is not supported.</exception>
    public static HuggingFaceTokenizer Load(string directory) => Load(CheckpointFolder.FromDirectory(directory));

    /// <summary>Reads tokenizer.json alone, as the tokenizers engine does.</summary>
    internal static HuggingFaceTokenizer FromBytes(byte[] utf8, string file) =>
        Guarded(file, () => new HuggingFaceTokenizer(PipelineReader.Read(TokenizerJson.Read(utf8, file), config: null), config: null));

    /// <summary>Encodes a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether to add the special tokens that the tokenizer puts around a text, such as a beginning-of-text token.</param>
    /// <param name="parseSpecialTokens">Whether text that looks like a special token becomes that token.</param>
    /// <exception cref="TokenizationException">
    /// The text needs the unknown token, which the vocabulary lacks, or a regular expression that takes too long.
    /// </exception>
    public int[] Encode(string text, bool addSpecialTokens, bool parseSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Encode(text.AsMemory(), parseSpecialTokens ? RangeFilter.Everything : RangeFilter.Nothing, addSpecialTokens);
    }

    /// <summary>Encodes a text in which some ranges come from outside and must not yield special tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether to add the special tokens that the tokenizer puts around a text.</param>
    /// <param name="protectedRanges">Ranges of the text in UTF-16 code units, in any order. No special token is found that covers any part of them.</param>
    /// <exception cref="ArgumentOutOfRangeException">A range does not lie in the text.</exception>
    /// <exception cref="TokenizationException">See the other overload.</exception>
    public int[] Encode(string text, bool addSpecialTokens, IEnumerable<Range> protectedRanges)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(protectedRanges);
        return _pipeline.Encode(text.AsMemory(), RangeFilter.Outside(Sorted(text, protectedRanges), null), addSpecialTokens);
    }

    /// <summary>Encodes a text and tells where each token stands in it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether to add the special tokens that the tokenizer puts around a text.</param>
    /// <param name="parseSpecialTokens">Whether text that looks like a special token becomes that token.</param>
    /// <exception cref="TokenizationException">See <see cref="Encode(string, bool, bool)"/>.</exception>
    public EncodedText EncodeWithOffsets(string text, bool addSpecialTokens, bool parseSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<(int Id, int Start, int End)> tokens =
            _pipeline.EncodeWithOffsets(text.AsMemory(), parseSpecialTokens ? RangeFilter.Everything : RangeFilter.Nothing, addSpecialTokens);
        return new EncodedText([.. tokens.Select(token => token.Id)], [.. tokens.Select(token => (token.Start, token.End))]);
    }

    /// <summary>Decodes ids.</summary>
    /// <param name="ids">The ids; those beyond the vocabulary decode to nothing.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var tokens = new List<string>(ids.Length);
        foreach (int id in ids)
        {
            if (_pipeline.TokenForDecoding(id, skipSpecialTokens) is { } token)
                tokens.Add(token);
        }

        string text = _pipeline.Join(tokens);
        return _pipeline.CleansUpSpaces ? SpaceCleanup.Apply(text) : text;
    }

    /// <summary>Decodes ids.</summary>
    /// <param name="ids">The ids; those beyond the vocabulary decode to nothing.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Decode([.. ids], skipSpecialTokens);
    }

    /// <summary>Begins to decode a stream of ids.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public IncrementalDecoder CreateDecoder(bool skipSpecialTokens) => new(_pipeline, skipSpecialTokens);

    /// <summary>The id of a token as it stands in the vocabulary, or null.</summary>
    /// <param name="token">The token's text, for byte-level vocabularies in their byte alphabet.</param>
    public int? TokenToId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return _pipeline.IdOf(token);
    }

    /// <summary>The token of an id as it stands in the vocabulary, or null.</summary>
    /// <param name="id">The id.</param>
    public string? IdToToken(int id) => _pipeline.TokenOf(id);

    private static void RefuseOtherForms(CheckpointFolder folder)
    {
        if (!folder.Contains(FileName) && Array.Find(s_otherForms, folder.Contains) is { } other)
            throw new UnsupportedCheckpointException(
                folder.Name,
                $"has no {FileName}, but {other}, which is not read. Load it with AutoTokenizer in Python and save it again, which writes {FileName}.");
    }

    private static HuggingFaceTokenizer Guarded(string file, Func<HuggingFaceTokenizer> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException error)
        {
            // The JSON reader reports half of a surrogate pair in an escape this way, wherever the text is first used.
            throw new CheckpointException(file, "holds half of a character (a lone surrogate in an escape). Download it again.", error);
        }
    }

    private int? IdOfRole(string role) => SpecialTokens.TryGetValue(role, out string? token) ? _pipeline.IdOf(token) : null;

    private static (int Start, int End)[] Sorted(string text, IEnumerable<Range> protectedRanges)
    {
        var result = new List<(int Start, int End)>();
        foreach (Range range in protectedRanges)
        {
            (int start, int end) = (range.Start.GetOffset(text.Length), range.End.GetOffset(text.Length));
            if (start < 0 || end < start || end > text.Length)
                throw new ArgumentOutOfRangeException(nameof(protectedRanges), range, $"The range does not lie in the text of {text.Length} characters.");
            if (end > start)
                result.Add((start, end));
        }

        // One after the other, without overlap.
        result.Sort();
        var merged = new List<(int Start, int End)>(result.Count);
        foreach ((int start, int end) in result)
        {
            if (merged.Count > 0 && start <= merged[^1].End)
                merged[^1] = (merged[^1].Start, Math.Max(merged[^1].End, end));
            else
                merged.Add((start, end));
        }

        return [.. merged];
    }
}
