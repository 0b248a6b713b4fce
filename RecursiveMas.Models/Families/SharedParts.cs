using RecursiveMas.Kernels;
using RecursiveMas.Layers;

namespace RecursiveMas.Families;

/// <summary>Parts that several families have, with their weights under the same names.</summary>
internal static class SharedParts
{
    public const string Embedding = "embed_tokens.weight";
    public const string FinalNorm = "norm";
    public const string Head = "lm_head";

    /// <summary>Softmax attention, below "self_attn".</summary>
    /// <param name="at">The layer.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="shape">What the layer computes.</param>
    /// <param name="rotary">Rotation of queries and keys.</param>
    /// <param name="norm">Builds the norm of queries or keys below a scope, by its name; null for none.</param>
    public static SoftmaxAttention Attention(
        this WeightScope at, DecoderConfiguration config, AttentionShape shape, RotaryEmbedding rotary, Func<WeightScope, string, RmsNorm>? norm)
    {
        WeightScope own = at.At("self_attn");
        long hidden = config.HiddenSize, head = shape.HeadSize, keys = shape.KeyValueHeads * head;
        return new SoftmaxAttention(
            shape,
            own.Linears(hidden, config.QkvBias, ("q_proj", shape.ProjectedHeads * head), ("k_proj", keys), ("v_proj", keys)),
            own.Linear("o_proj", shape.QueryHeads * head, hidden, config.OutputBias),
            norm?.Invoke(own, "q_norm"),
            norm?.Invoke(own, "k_norm"),
            rotary);
    }

    /// <summary>A gated MLP, below "mlp".</summary>
    public static GatedMlp Mlp(this WeightScope at, DecoderConfiguration config, Activation activation)
    {
        (long hidden, long inner, WeightScope own) = (config.HiddenSize, config.IntermediateSize, at.At("mlp"));
        return new GatedMlp(own.Linears(hidden, bias: false, ("gate_proj", inner), ("up_proj", inner)), own.Linear("down_proj", inner, hidden), activation);
    }
}
