using System.Text.Json;
using RecursiveMas.Tokenizers.AddedTokens;
using RecursiveMas.Tokenizers.Bpe;
using RecursiveMas.Tokenizers.Decoders;
using RecursiveMas.Tokenizers.Normalizers;
using RecursiveMas.Tokenizers.Pipeline;
using RecursiveMas.Tokenizers.PreTokenizers;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>Builds the whole pipeline of a tokenizer.json.</summary>
internal static class PipelineReader
{
    /// <param name="json">The file.</param>
    /// <param name="config">The files beside it; null to take tokenizer.json alone, truncation and padding included.</param>
    /// <exception cref="CheckpointException">Something in the file is damaged or not supported.</exception>
    public static TokenizerPipeline Read(TokenizerJson json, TokenizerConfig? config)
    {
        // Every part of the file is read, so that a damaged or unknown one does not go unnoticed even where a class replaces it.
        TextNormalizer? normalizer = Part(json, "normalizer") is { } n ? NormalizerReader.Read(n) : null;
        IReadOnlyList<PiecePreTokenizer> steps = Part(json, "pre_tokenizer") is { } p ? PreTokenizerReader.Read(p) : [];
        TokenDecoder? decoder = Part(json, "decoder") is { } d ? DecoderReader.Read(d) : null;
        BpeOptions options = BpeReader.ReadOptions(json);
        LengthRules lengths = LengthRulesReader.Read(Part(json, "truncation"), Part(json, "padding"));
        if (config?.Class is { } own)
        {
            normalizer = own.Normalizer(config.Options);
            steps = own.PreTokenizers(config.Options);
            decoder = own.Decoder(config.Options);
            options = own.Model(config.Options);
        }

        // Bytes as the last step are left to the model, which need not write them out as characters.
        if (steps is [.., ByteAlphabetPreTokenizer] && steps.Count(step => step is ByteAlphabetPreTokenizer) == 1)
        {
            steps = [.. steps.SkipLast(1)];
            options = options with { ByteLevel = true };
        }

        BpeModel model = BpeReader.Read(json, options);
        (int Id, AddedToken Token)[] listed = [.. ReadAddedTokens(json)];
        var added = new AddedVocabulary(
            config?.Tokens.Join(listed, rebuilt: config.Class is not null) ?? listed.Select(entry => entry.Token),
            json.Model.Vocabulary);
        config?.Tokens.CheckIds(added, listed, json.Model.Vocabulary);
        return new TokenizerPipeline(new TokenizerParts
        {
            Normalizer = normalizer,
            PreTokenizers = steps,
            Model = model,
            Added = added,
            PostProcessor = Part(json, "post_processor") is { } o ? PostProcessorReader.Read(o) : PostProcessor.None,
            Decoder = decoder,

            // transformers switches both off for each call that does not ask for them.
            Lengths = config is null ? lengths : LengthRules.None,
            CleansUpSpaces = config?.CleansUpSpaces ?? false,
        });
    }

    private static JsonRead? Part(TokenizerJson json, string name) =>
        json.Part(name) is { } element ? new JsonRead(element, json.File, name) : null;

    private static IEnumerable<(int Id, AddedToken Token)> ReadAddedTokens(TokenizerJson json)
    {
        if (json.Part("added_tokens") is not { } list)
            yield break;
        if (list.ValueKind != JsonValueKind.Array)
            throw new CheckpointException(json.File, "'added_tokens' must be an array.");
        int index = 0;
        foreach (JsonElement entry in list.EnumerateArray())
        {
            var part = new JsonRead(entry, json.File, $"added_tokens[{index++}]");
            yield return (part.Number("id"), new AddedToken(part.Text("content", AddedToken.LongestContent))
            {
                Special = part.Flag("special"),
                Normalized = part.Flag("normalized"),
                StripLeft = part.Flag("lstrip"),
                StripRight = part.Flag("rstrip"),
                SingleWord = part.Flag("single_word"),
            });
        }
    }
}
