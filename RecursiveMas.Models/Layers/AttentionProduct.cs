using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace RecursiveMas.Layers;

/// <summary>softmax(q kᵀ / √d) v of one row, with grouped heads.</summary>
internal static class AttentionProduct
{
    /// <param name="queries">[Q, T, D], rotated (and scaled where a family wants another scale than 1/√D).</param>
    /// <param name="keys">[KV, S, D], rotated; the last T are those of the new positions.</param>
    /// <param name="values">[KV, S, D].</param>
    /// <param name="context">Masks of this call.</param>
    /// <param name="row">The row.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="firstKey">Position of the first key, the first one that the first query sees.</param>
    /// <returns>[T, Q·D].</returns>
    public static Tensor Compute(Tensor queries, Tensor keys, Tensor values, ForwardContext context, in RowSpan row, AttentionShape shape, int firstKey)
    {
        (int t, int d) = (row.Length, shape.HeadSize);
        if (t == 1 && shape.SoftCap is null)
        {
            // With one query the heads of a group can stand where query positions do, and no key has to be repeated.
            Tensor folded = queries.reshape(1, shape.KeyValueHeads, shape.Group, d);
            return scaled_dot_product_attention(folded, keys.unsqueeze(0), values.unsqueeze(0)).reshape(1, shape.QueryHeads * d);
        }

        (queries, keys, values) = (queries.unsqueeze(0), Repeated(keys, shape), Repeated(values, shape)); // [1, Q, T or S, D]
        Tensor mixed;
        if (shape.SoftCap is not null)
            mixed = Capped(queries, keys, values, context.Mask(row, shape.Window, firstKey), shape);
        else if (row.Past == 0 && (shape.Window is null || t <= shape.Window))
            mixed = scaled_dot_product_attention(queries, keys, values, is_casual: true);
        else
            mixed = scaled_dot_product_attention(queries, keys, values, context.Mask(row, shape.Window, firstKey));
        return mixed.squeeze(0).transpose(0, 1).reshape(t, shape.QueryHeads * d);
    }

    /// <summary>The product written out, for scores that pass through a soft cap before the softmax.</summary>
    private static Tensor Capped(Tensor queries, Tensor keys, Tensor values, Tensor mask, AttentionShape shape)
    {
        using Tensor scale = tensor((float)(1 / Math.Sqrt(shape.HeadSize)), float32, queries.device);
        Tensor scores = shape.SoftCap!.Apply(queries.matmul(keys.transpose(2, 3)).mul_(scale)); // [1, Q, T, S]
        scores = scores.masked_fill(mask.logical_not(), HeldNumbers.MinusInfinity);
        return softmax(scores, -1, float32).to_type(values.dtype).matmul(values);
    }

    /// <summary>[KV, S, D] to [1, Q, S, D], each head for its group of consecutive query heads.</summary>
    private static Tensor Repeated(Tensor heads, AttentionShape shape)
    {
        if (shape.Group == 1)
            return heads.unsqueeze(0);
        long s = heads.size(1);
        return heads.unsqueeze(1).expand(shape.KeyValueHeads, shape.Group, s, shape.HeadSize).reshape(1, shape.QueryHeads, s, shape.HeadSize);
    }
}
