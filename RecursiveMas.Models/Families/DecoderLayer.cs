using RecursiveMas.Caching;
using RecursiveMas.Layers;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>One layer of a decoder.</summary>
internal abstract class DecoderLayer : IDisposable
{
    /// <summary>[B, T, H] to [B, T, H]; must not write into its input.</summary>
    public abstract Tensor Forward(Tensor x, ForwardContext context, LayerCache? cache);

    public abstract void Dispose();
}
