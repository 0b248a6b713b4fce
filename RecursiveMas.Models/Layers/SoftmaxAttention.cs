using RecursiveMas.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Softmax attention over keys and values: projections, optional norms of queries and keys, rotation, cache, product, optional gate.</summary>
internal sealed class SoftmaxAttention : IDisposable
{
    private readonly AttentionShape _shape;
    private readonly LinearGroup _qkv;
    private readonly Linear _output;
    private readonly RmsNorm? _queryNorm;
    private readonly RmsNorm? _keyNorm;
    private readonly RotaryEmbedding _rotary;
    private readonly AttentionKernels _kernels;

    /// <summary>Takes the parts over, except the rotary embedding, which layers share.</summary>
    public SoftmaxAttention(AttentionShape shape, LinearGroup qkv, Linear output, RmsNorm? queryNorm, RmsNorm? keyNorm, RotaryEmbedding rotary)
    {
        _shape = shape;
        _qkv = qkv;
        _output = output;
        _queryNorm = queryNorm;
        _keyNorm = keyNorm;
        _rotary = rotary;
        _kernels = new AttentionKernels(shape, queryNorm, keyNorm, rotary);
    }

    /// <summary>[N, H] to [N, H]; the caches of the rows' layer go on by the new positions.</summary>
    public Tensor Forward(Tensor x, ForwardContext context, int layer)
    {
        Tensor heads = _qkv.ForwardJoined(x); // [N, (q (or q and gates) + k + v heads) · D]
        return _output.Forward(context.UseKernels ? _kernels.Forward(heads, context, layer) : Mixed(heads, context, layer));
    }

    public void Dispose()
    {
        _qkv.Dispose();
        _output.Dispose();
        _queryNorm?.Dispose();
        _keyNorm?.Dispose();
        _shape.SoftCap?.Dispose();
    }

    /// <summary>The product of all rows, row by row, [N, Q·D].</summary>
    private Tensor Mixed(Tensor heads, ForwardContext context, int layer)
    {
        (int q, int kv) = (_shape.QueryHeads, _shape.KeyValueHeads);
        heads = heads.view(context.Positions, _shape.JoinedHeads, _shape.HeadSize);
        Tensor rotated = Rotated(heads, context, out Tensor? gates); // [N, q + k heads, D]
        Tensor queries = rotated.narrow(1, 0, q).transpose(0, 1); // [Q, N, D]
        Tensor keys = rotated.narrow(1, q, kv).transpose(0, 1); // [KV, N, D]
        Tensor values = heads.narrow(1, _shape.ProjectedHeads + kv, kv).transpose(0, 1);
        var rows = new Tensor[context.Rows.Length];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = Row(queries, keys, values, context, context.Rows[i], layer);
        Tensor mixed = rows.Length == 1 ? rows[0] : cat(rows);
        return gates is null ? mixed : mixed.mul(gates.sigmoid());
    }

    /// <summary>The product of one row, [T, Q·D].</summary>
    private Tensor Row(Tensor queries, Tensor keys, Tensor values, ForwardContext context, in RowSpan row, int layer)
    {
        (queries, keys, values) = (queries.narrow(1, row.Start, row.Length), keys.narrow(1, row.Start, row.Length), values.narrow(1, row.Start, row.Length));
        if (row.Cache is null)
            return AttentionProduct.Compute(queries, keys, values, context, row, _shape, firstKey: 0);
        var cache = (KeyValueCache)row.Cache.Layers[layer];
        KeyValueSlots slots = cache.Append(row.Length);
        slots.Write(keys, values);
        Tensor mixed = AttentionProduct.Compute(queries, slots.Keys, slots.Values, context, row, _shape, slots.FirstKey);
        cache.Trim();
        return mixed;
    }

    /// <summary>Queries and keys side by side, normed and rotated, and the gates [N, Q·D] where there are any.</summary>
    private Tensor Rotated(Tensor heads, ForwardContext context, out Tensor? gates)
    {
        (int q, int kv, int d) = (_shape.QueryHeads, _shape.KeyValueHeads, _shape.HeadSize);
        gates = null;
        if (!_shape.Gated && _queryNorm is null)
            return _rotary.Rotate(heads.narrow(1, 0, q + kv), context.Angles(_rotary));
        Tensor queries = heads.narrow(1, 0, q);
        Tensor keys = heads.narrow(1, _shape.ProjectedHeads, kv);
        if (_shape.Gated)
        {
            // The gate follows the query within each head.
            Tensor pairs = heads.narrow(1, 0, 2 * q).view(context.Positions, q, 2 * d);
            queries = pairs.narrow(2, 0, d);
            gates = pairs.narrow(2, d, d).reshape(context.Positions, q * d);
        }

        Tensor both = cat([_queryNorm?.Forward(queries) ?? queries, _keyNorm?.Forward(keys) ?? keys], 1);
        return _rotary.Rotate(both, context.Angles(_rotary));
    }
}
