using RecursiveMas.Caching;
using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Families;
using RecursiveMas.Layers;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Memory;

/// <summary>
/// What reading a prompt takes beside weights and cache. Intermediate results live until the end of their layer, so the largest layer
/// counts, with all of them.
/// </summary>
internal sealed class WorkingMemory(DecoderConfiguration config, WeightShapes shapes, ComputePlan plan)
{
    private const int Wide = sizeof(float), ChunkLength = GatedDeltaRule.ChunkLength;

    private readonly int _element = plan.ElementSize;

    /// <summary>Bytes for prompts that are read in one call.</summary>
    public long Prompt(long rows, long length)
    {
        long states = 3L * config.HiddenSize * _element; // the embeddings, and a layer's input and output
        IReadOnlyList<LayerCacheShape> caches = config.Caches();
        long perPosition = caches.Select((cache, i) => Layer(cache, $"layers.{i}")).Max();
        bool attends = caches.Any(cache => cache is KeyValueCacheShape);
        bool slides = caches.Any(cache => cache is KeyValueCacheShape { Window: { } window } && window < length);
        // Kernels leave the product to libtorch one row after the other, and only a window takes a mask there.
        long product = !attends ? 0 : Product() * (plan.Kernels ? length : rows * length), mask = slides ? length * length * (3 + _element) : 0;
        return (rows * length * (states + perPosition)) + product + mask + (plan.Rows ? Pieces(rows * length) : 0);
    }

    /// <summary>Bytes for scoring the next tokens, and for sorting a wide copy of the scores.</summary>
    public long Logits(long rows) => rows * config.VocabularySize * (_element + (2 * Wide));

    /// <summary>What is widened of a weight at a time, and its results.</summary>
    private long Pieces(long positions) =>
        RowsLinear.BytesOfPiece + (positions * Math.Min(RowsLinear.BytesOfPiece / config.HiddenSize, shapes.All.Values.Max(shape => shape[0]) * _element));

    private long Layer(LayerCacheShape cache, string at) =>
        (cache is GatedDeltaCacheShape delta ? Delta(delta.Sizes) : Attention(at)) + Mlp() + (2 * Norm(config.HiddenSize));

    private long Mlp() => ((plan.Joins ? 2L : 3L) * config.IntermediateSize + config.IntermediateSize + config.HiddenSize) * _element;

    private long Attention(string at)
    {
        (int queryHeads, int keyValueHeads, int head) = config.Attention;
        long queries = (long)queryHeads * head, keys = (long)keyValueHeads * head;
        long made = shapes[$"{at}.self_attn.q_proj.weight"][0];
        bool gated = made > queries, normed = shapes.Contains($"{at}.self_attn.q_norm.weight");
        long elements = ((made + (2 * keys)) * (plan.Joins ? 1 : 2)) // the projections, joined afterwards where the weights are not
            + queries // the heads of the product in a row
            + config.HiddenSize;
        if (plan.Kernels)
            return elements * _element;
        elements += (2 * (queries + keys)) // rotated
            + (normed || gated ? queries + keys : 0)
            + (gated ? 3 * queries : 0);
        return (elements * _element) + (normed ? Norm(queries + keys) : 0);
    }

    /// <summary>The product itself, for a position of a row.</summary>
    private long Product()
    {
        long queries = (long)config.Attention.QueryHeads * config.Attention.HeadSize;
        return (config.Attention.Group > 1 ? 4 : 2) * queries * _element; // keys and values repeated; the result, and its heads in a row
    }

    private long Delta(GatedDeltaSizes sizes)
    {
        long channels = sizes.Channels, values = sizes.Values, keys = (long)sizes.ValueHeads * sizes.KeySize;
        long narrow = ((channels + values + (2L * sizes.ValueHeads)) * (plan.Joins ? 1 : 2)) // the projections
            + (3 * channels) + (4L * sizes.Keys) + (2 * values) + config.HiddenSize;
        long wide = (2 * channels) // the convolution
            + (2L * sizes.Keys) + (3 * keys) // normalised, repeated, scaled
            + (3 * keys) + (2 * values) // cut into chunks
            + (3 * keys) + (9L * sizes.ValueHeads * ChunkLength) + (2 * (keys + values)) // within chunks
            + (6 * values) // between chunks
            + (3 * values) // the gated norm
            + (plan.Dtype == ScalarType.Float32 ? 0 : 5 * values); // what is widened for it and for the rule
        return (narrow * _element) + (wide * Wide);
    }

    /// <summary>The intermediate results of a norm: one, where it is one operation.</summary>
    private long Norm(long width) => plan.Kernels ? width * _element : plan.Dtype == ScalarType.Float32 ? width * Wide : width * ((3 * Wide) + (2 * _element));
}
