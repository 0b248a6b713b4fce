using Microsoft.Extensions.Logging;
using RecursiveMas.Weights;

namespace RecursiveMas.Families;

/// <summary>Decides whether the output head is the embedding: the weights do, and the configuration only where they lack one of the two.</summary>
internal static class OutputHead
{
    private const string Head = $"{SharedParts.Head}.weight", Embedding = SharedParts.Embedding;

    /// <summary>The configuration, with its <see cref="ModelConfiguration.TiedHead"/> as the weights have it.</summary>
    /// <param name="config">The configuration as read.</param>
    /// <param name="weights">The weights; a tied model without an embedding of its own is given the head as that.</param>
    /// <param name="samples">How many pages of head and embedding to compare at most; null for all.</param>
    /// <param name="logger">Told of a head that the configuration denies.</param>
    /// <exception cref="CheckpointException">There is no head, and the configuration says that it is not the embedding.</exception>
    public static DecoderConfiguration Settle(DecoderConfiguration config, WeightReader weights, int? samples = null, ILogger? logger = null)
    {
        bool head = weights.Has(Head), embedding = weights.Has(Embedding);
        if (!head && !config.TiedHead)
        {
            throw new CheckpointException(
                weights.Source,
                $"lacks the weight '{Head}', and tie_word_embeddings is false, so that the embedding does not stand in for it. " +
                "Complete the download, or set tie_word_embeddings to true in config.json if the model was trained so.");
        }

        if (head && !embedding && config.TiedHead)
            weights.UseFor(Embedding, Head);
        if (!head || !embedding)
            return config;
        bool same = weights.Same(Head, Embedding, samples);
        if (config.TiedHead && !same)
            logger?.LogInformation(
                "{Source}: holds an output head whose values differ from the embedding; it is used, although tie_word_embeddings is true",
                weights.Source);
        return config with { TiedHead = same };
    }
}
