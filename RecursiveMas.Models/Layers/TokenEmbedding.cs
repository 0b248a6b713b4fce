using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Rows of the embedding table, scaled where the family's embedding module scales.</summary>
/// <param name="weight">[V, H], in the model's dtype or as stored.</param>
/// <param name="dtype">The model's element type.</param>
/// <param name="scale">0-dimensional factor in the model's dtype; null for none.</param>
internal sealed class TokenEmbedding(Tensor weight, ScalarType dtype, Tensor? scale = null) : IDisposable
{
    public Tensor Weight => weight;

    /// <summary>[N] int64 to [N, H].</summary>
    public Tensor Forward(Tensor ids)
    {
        Tensor rows = weight.index_select(0, ids.to(weight.device)).to_type(dtype);
        return scale is null ? rows : rows.mul_(scale);
    }

    public void Dispose()
    {
        weight.Dispose();
        scale?.Dispose();
    }
}
