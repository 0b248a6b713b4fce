using RecursiveMas.Caching;
using RecursiveMas.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>One layer of a decoder.</summary>
internal abstract class DecoderLayer : IDisposable
{
    /// <summary>[B, T, H] to [B, T, H]; must not write into its input.</summary>
    public abstract Tensor Forward(Tensor x, ForwardContext context, LayerCache? cache);

    /// <summary>An empty cache of the kind that the layer needs.</summary>
    public abstract LayerCache CreateCache(int capacity);

    public abstract void Dispose();
}

/// <summary>x += Attn(norm(x)); x += MLP(norm(x)): the block of Llama, Qwen2, Qwen3 and Mistral.</summary>
internal sealed class SoftmaxDecoderLayer(RmsNorm inputNorm, SoftmaxAttention attention, RmsNorm postAttentionNorm, GatedMlp mlp) : DecoderLayer
{
    public override Tensor Forward(Tensor x, ForwardContext context, LayerCache? cache)
    {
        Tensor attended = attention.Forward(inputNorm.Forward(x), context, (KeyValueCache?)cache).add_(x);
        return mlp.Forward(postAttentionNorm.Forward(attended)).add_(attended);
    }

    public override LayerCache CreateCache(int capacity) => new KeyValueCache(capacity);

    public override void Dispose()
    {
        inputNorm.Dispose();
        attention.Dispose();
        postAttentionNorm.Dispose();
        mlp.Dispose();
    }
}
