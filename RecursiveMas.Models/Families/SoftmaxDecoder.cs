using RecursiveMas.Checkpoints;
using RecursiveMas.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>Builds a model of <see cref="SoftmaxConfiguration"/> from the weights of a checkpoint.</summary>
internal static class SoftmaxDecoder
{
    public static ICausalLanguageModel Build(SoftmaxConfiguration config, WeightReader weights, ComputePlan plan)
    {
        using var builder = new ModelBuilder(weights, plan);
        RotaryEmbedding rotary = new RotaryEmbedding(config.Rope, plan.Device);
        TokenEmbedding embedding = new TokenEmbedding(builder.Take("embed_tokens.weight", config.VocabularySize, config.HiddenSize));
        var layers = new List<DecoderLayer>(config.LayerCount);
        for (int i = 0; i < config.LayerCount; i++)
            layers.Add(BuildLayer(config, builder, i, rotary));
        var parts = new DecoderParts
        {
            Embedding = embedding,
            Layers = layers,
            FinalNorm = new PlainRmsNorm(builder.Take("norm.weight", config.HiddenSize), config.NormEps),
            Head = builder.Head(config, embedding),
            Shared = [rotary],
        };
        builder.Finish();
        return new DecoderModel(config, plan, parts);
    }

    private static SoftmaxDecoderLayer BuildLayer(SoftmaxConfiguration config, ModelBuilder builder, int index, RotaryEmbedding rotary)
    {
        string at = $"layers.{index}";
        int hidden = config.HiddenSize, inner = config.IntermediateSize, head = config.HeadSize;
        int queries = config.QueryHeads * head, keys = config.KeyValueHeads * head;
        LinearGroup qkv = builder.Group(
            hidden,
            config.QkvBias,
            ($"{at}.self_attn.q_proj", queries),
            ($"{at}.self_attn.k_proj", keys),
            ($"{at}.self_attn.v_proj", keys));
        var attention = new SoftmaxAttention(
            new AttentionShape(config.QueryHeads, config.KeyValueHeads, head, config.Windows[index]),
            qkv,
            builder.Linear($"{at}.self_attn.o_proj", queries, hidden, config.OutputBias),
            config.QkNorm ? new PlainRmsNorm(builder.Take($"{at}.self_attn.q_norm.weight", head), config.NormEps) : null,
            config.QkNorm ? new PlainRmsNorm(builder.Take($"{at}.self_attn.k_norm.weight", head), config.NormEps) : null,
            rotary);
        return new SoftmaxDecoderLayer(
            new PlainRmsNorm(builder.Take($"{at}.input_layernorm.weight", hidden), config.NormEps),
            attention,
            new PlainRmsNorm(builder.Take($"{at}.post_attention_layernorm.weight", hidden), config.NormEps),
            new GatedMlp(
                builder.Group(hidden, bias: false, ($"{at}.mlp.gate_proj", inner), ($"{at}.mlp.up_proj", inner)),
                builder.Linear($"{at}.mlp.down_proj", inner, hidden, bias: false),
                x => nn.functional.silu(x)));
    }
}
