using System.Text.Json;

namespace RecursiveMas.Tokenizers;

/// <summary>Builds the whole pipeline of a tokenizer.json.</summary>
internal static class PipelineReader
{
    /// <exception cref="CheckpointException">Something in the file is damaged or not supported.</exception>
    public static TokenizerPipeline Read(TokenizerJson json)
    {
        TextNormalizer? normalizer = Part(json, "normalizer") is { } n ? NormalizerReader.Read(n) : null;
        IReadOnlyList<PiecePreTokenizer> steps = Part(json, "pre_tokenizer") is { } p ? PreTokenizerReader.Read(p) : [];

        // Bytes as the last step are left to the model, which need not write them out as characters.
        bool byteLevel = steps is [.., ByteAlphabetPreTokenizer] && steps.Count(step => step is ByteAlphabetPreTokenizer) == 1;
        if (byteLevel)
            steps = [.. steps.SkipLast(1)];
        BpeModel model = BpeReader.Read(json, byteLevel, out HashSet<int> results);
        var added = new AddedVocabulary(ReadAddedTokens(json), json.Model.Vocabulary);
        PostProcessor post = Part(json, "post_processor") is { } o ? PostProcessor.Read(o) : PostProcessor.None;
        TokenDecoder? decoder = Part(json, "decoder") is { } d ? DecoderReader.Read(d) : null;
        return new TokenizerPipeline(normalizer, steps, model, added, post, decoder, results);
    }

    private static JsonRead? Part(TokenizerJson json, string name) =>
        json.Part(name) is { } element ? new JsonRead(element, json.File, name) : null;

    private static IEnumerable<AddedToken> ReadAddedTokens(TokenizerJson json)
    {
        if (json.Part("added_tokens") is not { } list)
            yield break;
        if (list.ValueKind != JsonValueKind.Array)
            throw new CheckpointException(json.File, "'added_tokens' must be an array.");
        int index = 0;
        foreach (JsonElement entry in list.EnumerateArray())
        {
            var part = new JsonRead(entry, json.File, $"added_tokens[{index++}]");
            part.Number("id");
            yield return new AddedToken(part.Text("content"))
            {
                Special = part.Flag("special"),
                Normalized = part.Flag("normalized"),
                StripLeft = part.Flag("lstrip"),
                StripRight = part.Flag("rstrip"),
                SingleWord = part.Flag("single_word"),
            };
        }
    }
}
