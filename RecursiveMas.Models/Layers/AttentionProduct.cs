using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace RecursiveMas.Layers;

/// <summary>softmax(q kᵀ / √d) v with grouped heads.</summary>
internal static class AttentionProduct
{
    /// <param name="queries">[B, Q, T, D], rotated (and scaled where a family wants another scale than 1/√D).</param>
    /// <param name="keys">[B, KV, S, D], rotated.</param>
    /// <param name="values">[B, KV, S, D].</param>
    /// <param name="context">Masks of this call.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="firstKey">Position of the first key.</param>
    /// <returns>[B, T, Q·D].</returns>
    public static Tensor Compute(Tensor queries, Tensor keys, Tensor values, ForwardContext context, AttentionShape shape, int firstKey)
    {
        (int b, int t, int d) = (context.BatchSize, context.Length, shape.HeadSize);
        if (shape.SoftCap is not null)
            return Capped(queries, Repeated(keys, shape), Repeated(values, shape), context.Mask(shape.Window, firstKey), shape).transpose(1, 2).reshape(b, t, shape.QueryHeads * d);
        if (t == 1)
        {
            // With one query the heads of a group can stand where query positions do, and no key has to be repeated.
            Tensor folded = queries.reshape(b, shape.KeyValueHeads, shape.Group, d);
            return scaled_dot_product_attention(folded, keys, values, context.Mask(shape.Window, firstKey)).reshape(b, 1, shape.QueryHeads * d);
        }

        bool plain = context.PlainCausal && (shape.Window is null || t <= shape.Window);
        Tensor mixed = scaled_dot_product_attention(
            queries,
            Repeated(keys, shape),
            Repeated(values, shape),
            plain ? null : context.Mask(shape.Window, firstKey),
            is_casual: plain);
        return mixed.transpose(1, 2).reshape(b, t, shape.QueryHeads * d);
    }

    /// <summary>The product written out, for scores that pass through a soft cap before the softmax.</summary>
    private static Tensor Capped(Tensor queries, Tensor keys, Tensor values, Tensor? mask, AttentionShape shape)
    {
        using Tensor scale = tensor((float)(1 / Math.Sqrt(shape.HeadSize)), float32, queries.device);
        Tensor scores = shape.SoftCap!.Apply(queries.matmul(keys.transpose(2, 3)).mul_(scale)); // [B, Q, T, S]
        if (mask is not null)
            scores = scores.masked_fill(mask.logical_not(), double.NegativeInfinity);
        return softmax(scores, -1, float32).to_type(values.dtype).matmul(values);
    }

    /// <summary>[B, KV, S, D] to [B, Q, S, D], each head for its group of consecutive query heads.</summary>
    private static Tensor Repeated(Tensor heads, AttentionShape shape)
    {
        if (shape.Group == 1)
            return heads;
        long b = heads.size(0), s = heads.size(2);
        return heads.unsqueeze(2).expand(b, shape.KeyValueHeads, shape.Group, s, shape.HeadSize).reshape(b, shape.QueryHeads, s, shape.HeadSize);
    }
}
