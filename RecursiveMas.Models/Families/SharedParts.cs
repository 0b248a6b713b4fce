using RecursiveMas.Checkpoints;
using RecursiveMas.Kernels;
using RecursiveMas.Layers;
using RecursiveMas.Tensors;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>Weights that several families have under the same names: their shapes, and next to each list what is built of them.</summary>
internal static class SharedParts
{
    public const string Embedding = "embed_tokens.weight";
    public const string FinalNorm = "norm.weight";
    public const string Head = "lm_head";

    /// <summary>Embedding, final norm, head.</summary>
    public static void AddFrame(this WeightShapes shapes, ModelConfiguration config)
    {
        shapes.Add(Embedding, config.VocabularySize, config.HiddenSize);
        shapes.Add(FinalNorm, config.HiddenSize);
        if (!config.TiedHead)
            shapes.AddLinear(Head, config.HiddenSize, config.VocabularySize);
    }

    /// <summary>The projections of softmax attention, and per-head norms of queries and keys where the family has them.</summary>
    /// <param name="shapes">Added to.</param>
    /// <param name="at">The layer, for example "layers.0".</param>
    /// <param name="config">The configuration.</param>
    /// <param name="norms">Whether there are norms of queries and keys.</param>
    /// <param name="gated">Whether q_proj makes an output gate beside each query.</param>
    public static void AddAttention(this WeightShapes shapes, string at, DecoderConfiguration config, bool norms, bool gated = false)
    {
        (int queryHeads, int keyValueHeads, int head) = config.Attention;
        long queries = (long)queryHeads * head, keys = (long)keyValueHeads * head, hidden = config.HiddenSize;
        shapes.AddLinear($"{at}.self_attn.q_proj", hidden, gated ? 2 * queries : queries, config.QkvBias);
        shapes.AddLinear($"{at}.self_attn.k_proj", hidden, keys, config.QkvBias);
        shapes.AddLinear($"{at}.self_attn.v_proj", hidden, keys, config.QkvBias);
        shapes.AddLinear($"{at}.self_attn.o_proj", queries, hidden, config.OutputBias);
        if (norms)
        {
            shapes.Add($"{at}.self_attn.q_norm.weight", head);
            shapes.Add($"{at}.self_attn.k_norm.weight", head);
        }
    }

    public static SoftmaxAttention Attention(this ModelBuilder builder, string at, AttentionShape shape, RotaryEmbedding rotary, RmsNorm? queryNorm, RmsNorm? keyNorm) => new(
        shape,
        builder.Group(at, JoinedLinears.Attention),
        builder.Linear($"{at}.self_attn.o_proj"),
        queryNorm,
        keyNorm,
        rotary);

    public static void AddMlp(this WeightShapes shapes, string at, DecoderConfiguration config)
    {
        shapes.AddLinear($"{at}.mlp.gate_proj", config.HiddenSize, config.IntermediateSize);
        shapes.AddLinear($"{at}.mlp.up_proj", config.HiddenSize, config.IntermediateSize);
        shapes.AddLinear($"{at}.mlp.down_proj", config.IntermediateSize, config.HiddenSize);
    }

    public static GatedMlp Mlp(this ModelBuilder builder, string at, Activation activation) =>
        new(builder.Group(at, JoinedLinears.Mlp), builder.Linear($"{at}.mlp.down_proj"), activation);

    public static PlainRmsNorm PlainNorm(this ModelBuilder builder, string name, double eps) => new(builder.Take(name), eps);

    /// <param name="builder">The builder.</param>
    /// <param name="name">Name of the weight.</param>
    /// <param name="eps">Added to the mean of squares.</param>
    /// <param name="factor">Constant that the result is multiplied by; costs nothing here.</param>
    public static ZeroCentredRmsNorm ZeroCentredNorm(this ModelBuilder builder, string name, double eps, double factor = 1)
    {
        using Scalar scale = factor.ToScalar();
        return new ZeroCentredRmsNorm(builder.TakeWide(name).add_(HeldNumbers.One, HeldNumbers.One).mul_(scale), eps);
    }
}
