using RecursiveMas.Layers;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>One layer of a decoder.</summary>
internal abstract class DecoderLayer : IDisposable
{
    /// <summary>[N, H] to [N, H]; must not write into its input.</summary>
    /// <param name="x">States of all rows, one after another.</param>
    /// <param name="context">What the layers of the call share.</param>
    /// <param name="layer">Number of this layer, from 0.</param>
    public abstract Tensor Forward(Tensor x, ForwardContext context, int layer);

    /// <summary>The same for a managed step; null where that does not know the layer.</summary>
    public virtual StepLayer? ForStep() => null;

    public abstract void Dispose();
}
