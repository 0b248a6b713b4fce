using RecursiveMas.Kernels;
using RecursiveMas.Layers;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>The model of Llama, Qwen2, Qwen3 and Mistral, which differ in settings alone.</summary>
internal static class SoftmaxDecoder
{
    public static DecoderParts Build(SoftmaxConfiguration config, ModelBuilder builder)
    {
        var rotary = new RotaryEmbedding(config.Rope, builder.Plan.Device);
        WeightScope root = builder.Root;
        TokenEmbedding embedding = root.Embedding(config);
        return new DecoderParts
        {
            Embedding = embedding,
            Head = root.Head(config, embedding),
            Layers = [.. config.Windows.Select((window, i) => BuildLayer(config, root.At($"layers.{i}"), window, rotary))],
            FinalNorm = root.PlainNorm(SharedParts.FinalNorm, config.HiddenSize, config.NormEps),
            Shared = [rotary],
        };
    }

    private static SoftmaxDecoderLayer BuildLayer(SoftmaxConfiguration config, WeightScope at, int? window, RotaryEmbedding rotary) => new(
        at.PlainNorm("input_layernorm", config.HiddenSize, config.NormEps),
        at.Attention(
            config,
            new AttentionShape(config.Attention, window),
            rotary,
            config.QkNorm ? (own, name) => own.PlainNorm(name, config.Attention.HeadSize, config.NormEps) : null),
        at.PlainNorm("post_attention_layernorm", config.HiddenSize, config.NormEps),
        at.Mlp(config, Activation.Silu));
}

/// <summary>x += Attn(norm(x)); x += MLP(norm(x)).</summary>
internal sealed class SoftmaxDecoderLayer(RmsNorm inputNorm, SoftmaxAttention attention, RmsNorm postAttentionNorm, GatedMlp mlp) : DecoderLayer
{
    public override Tensor Forward(Tensor x, ForwardContext context, int layer)
    {
        Tensor attended = attention.Forward(inputNorm.Forward(x, context), context, layer).PlusInPlace(x);
        return mlp.Forward(postAttentionNorm.Forward(attended, context), context).PlusInPlace(attended);
    }

    public override StepLayer? ForStep() => StepLayer.Of(inputNorm, attention, null, postAttentionNorm, mlp, null);

    public override void Dispose()
    {
        inputNorm.Dispose();
        attention.Dispose();
        postAttentionNorm.Dispose();
        mlp.Dispose();
    }
}
