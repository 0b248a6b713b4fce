using RecursiveMas.Caching;
using RecursiveMas.Checkpoints;
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
internal sealed class WorkingMemory(DecoderConfiguration config, ComputePlan plan)
{
    private const int Wide = sizeof(float), ChunkLength = GatedDeltaRule.ChunkLength;

    private readonly int _element = SizeOf(plan.Dtype);
    private readonly WeightShapes _shapes = config.Weights();

    public static int SizeOf(ScalarType dtype) => dtype is ScalarType.Float32 ? sizeof(float) : sizeof(short);

    /// <summary>Bytes for a batch of prompts, padded.</summary>
    public long Prompt(long rows, long length)
    {
        long states = 3L * config.HiddenSize * _element; // the embeddings, and a layer's input and output
        long perPosition = config.Caches().Select((cache, i) => Layer(cache, $"layers.{i}")).Max();
        long masks = config.Caches().Any(cache => cache is KeyValueCacheShape) ? rows * length * length * (3 + _element) : 0;
        return (rows * length * (states + perPosition)) + masks;
    }

    /// <summary>Bytes for scoring the next tokens, and for sorting a wide copy of the scores.</summary>
    public long Logits(long rows) => rows * config.VocabularySize * (_element + (2 * Wide));

    private long Layer(LayerCacheShape cache, string at) =>
        (cache is GatedDeltaCacheShape delta ? Delta(delta.Sizes) : Attention(at)) + Mlp() + (2 * Norm(config.HiddenSize));

    private long Mlp() => ((plan.FuseWeights ? 2L : 3L) * config.IntermediateSize + config.IntermediateSize + config.HiddenSize) * _element;

    private long Attention(string at)
    {
        (int queryHeads, int keyValueHeads, int head) = config.Attention;
        long queries = (long)queryHeads * head, keys = (long)keyValueHeads * head;
        long made = _shapes[$"{at}.self_attn.q_proj.weight"][0];
        bool gated = made > queries, normed = _shapes.Contains($"{at}.self_attn.q_norm.weight");
        long elements = ((made + (2 * keys)) * (plan.FuseWeights ? 1 : 2)) // the projections, joined afterwards where the weights are not
            + (2 * (queries + keys)) // rotated
            + (normed || gated ? queries + keys : 0)
            + (queryHeads > keyValueHeads ? 2 * queries : 0) // keys and values repeated
            + (2 * queries) // the product, and its heads in a row
            + (gated ? 3 * queries : 0)
            + config.HiddenSize;
        return (elements * _element) + (normed ? Norm(queries + keys) : 0);
    }

    private long Delta(GatedDeltaSizes sizes)
    {
        long channels = sizes.Channels, values = sizes.Values, keys = (long)sizes.ValueHeads * sizes.KeySize;
        long narrow = ((channels + values + (2L * sizes.ValueHeads)) * (plan.FuseWeights ? 1 : 2)) + (3 * channels) + (4L * sizes.Keys) + (2 * values) + config.HiddenSize;
        long wide = (2 * channels) // the convolution
            + (2L * sizes.Keys) + (3 * keys) // normalised, repeated, scaled
            + (3 * keys) + (2 * values) // cut into chunks
            + (3 * keys) + (9L * sizes.ValueHeads * ChunkLength) + (2 * (keys + values)) // within chunks
            + (6 * values) // between chunks
            + (3 * values) // the gated norm
            + (plan.Dtype == ScalarType.Float32 ? 0 : 5 * values); // what is widened for it and for the rule
        return (narrow * _element) + (wide * Wide);
    }

    /// <summary>The intermediate results of a norm: one in float32, where it is one operation.</summary>
    private long Norm(long width) => plan.Dtype == ScalarType.Float32 ? width * Wide : width * ((3 * Wide) + (2 * _element));
}
