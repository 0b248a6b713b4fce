using RecursiveMas.Kernels;
using RecursiveMas.Layers;
using RecursiveMas.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>The model of Llama, Qwen2, Qwen3 and Mistral, which differ in settings alone.</summary>
internal static class SoftmaxDecoder
{
    public static DecoderParts Build(SoftmaxConfiguration config, ModelBuilder builder)
    {
        var rotary = new RotaryEmbedding(config.Rope, builder.Plan.Device);
        var embedding = new TokenEmbedding(builder.Take(SharedParts.Embedding));
        return new DecoderParts
        {
            Embedding = embedding,
            Head = builder.Head(embedding),
            Layers = [.. config.Windows.Select((window, i) => BuildLayer(config, builder, $"layers.{i}", window, rotary))],
            FinalNorm = builder.PlainNorm(SharedParts.FinalNorm, config.NormEps),
            Shared = [rotary],
        };
    }

    private static SoftmaxDecoderLayer BuildLayer(SoftmaxConfiguration config, ModelBuilder builder, string at, int? window, RotaryEmbedding rotary) => new(
        builder.PlainNorm($"{at}.input_layernorm.weight", config.NormEps),
        builder.Attention(
            at,
            new AttentionShape(config.Attention, window),
            rotary,
            config.QkNorm ? builder.PlainNorm($"{at}.self_attn.q_norm.weight", config.NormEps) : null,
            config.QkNorm ? builder.PlainNorm($"{at}.self_attn.k_norm.weight", config.NormEps) : null),
        builder.PlainNorm($"{at}.post_attention_layernorm.weight", config.NormEps),
        builder.Mlp(at, Activation.Silu));
}

/// <summary>x += Attn(norm(x)); x += MLP(norm(x)).</summary>
internal sealed class SoftmaxDecoderLayer(RmsNorm inputNorm, SoftmaxAttention attention, RmsNorm postAttentionNorm, GatedMlp mlp) : DecoderLayer
{
    public override Tensor Forward(Tensor x, ForwardContext context, int layer)
    {
        Tensor attended = attention.Forward(inputNorm.Forward(x, context), context, layer).PlusInPlace(x);
        return mlp.Forward(postAttentionNorm.Forward(attended, context), context).PlusInPlace(attended);
    }

    public override void Dispose()
    {
        inputNorm.Dispose();
        attention.Dispose();
        postAttentionNorm.Dispose();
        mlp.Dispose();
    }
}
