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

    /// <summary>Takes the parts over, except the rotary embedding, which layers share.</summary>
    public SoftmaxAttention(AttentionShape shape, LinearGroup qkv, Linear output, RmsNorm? queryNorm, RmsNorm? keyNorm, RotaryEmbedding rotary)
    {
        _shape = shape;
        _qkv = qkv;
        _output = output;
        _queryNorm = queryNorm;
        _keyNorm = keyNorm;
        _rotary = rotary;
    }

    /// <summary>[B, T, H] to [B, T, H].</summary>
    public Tensor Forward(Tensor x, ForwardContext context, KeyValueCache? cache)
    {
        (int b, int t, int d) = (context.BatchSize, context.Length, _shape.HeadSize);
        (int q, int kv) = (_shape.QueryHeads, _shape.KeyValueHeads);
        int made = _shape.Gated ? 2 * q : q;
        Tensor heads = _qkv.ForwardJoined(x).view(b, t, made + (2 * kv), d); // [B, T, q (or q and gates) + k + v heads, D]
        Tensor turned = Turned(heads, context, out Tensor? gates); // [B, T, q + k heads, D]
        Tensor queries = turned.narrow(2, 0, q).transpose(1, 2); // [B, Q, T, D]
        Tensor keys = turned.narrow(2, q, kv).transpose(1, 2); // [B, KV, T, D]
        Tensor values = heads.narrow(2, made + kv, kv).transpose(1, 2);
        int firstKey = 0;
        if (cache is not null)
            (keys, values, firstKey) = cache.Append(keys, values);
        Tensor mixed = AttentionProduct.Compute(queries, keys, values, context, _shape, firstKey); // [B, T, Q·D]
        if (gates is not null)
            mixed = mixed.mul(gates.sigmoid());
        return _output.Forward(mixed);
    }

    public void Dispose()
    {
        _qkv.Dispose();
        _output.Dispose();
        _queryNorm?.Dispose();
        _keyNorm?.Dispose();
        _shape.SoftCap?.Dispose();
    }

    /// <summary>Queries and keys side by side, normed and rotated, and the gates [B, T, Q·D] where there are any.</summary>
    private Tensor Turned(Tensor heads, ForwardContext context, out Tensor? gates)
    {
        (int q, int kv, int d) = (_shape.QueryHeads, _shape.KeyValueHeads, _shape.HeadSize);
        gates = null;
        if (!_shape.Gated && _queryNorm is null)
            return _rotary.Rotate(heads.narrow(2, 0, q + kv), context.Angles(_rotary));
        Tensor queries = heads.narrow(2, 0, q);
        Tensor keys = heads.narrow(2, _shape.Gated ? 2 * q : q, kv);
        if (_shape.Gated)
        {
            // The gate follows the query within each head.
            Tensor pairs = heads.narrow(2, 0, 2 * q).view(context.BatchSize, context.Length, q, 2 * d);
            queries = pairs.narrow(3, 0, d);
            gates = pairs.narrow(3, d, d).reshape(context.BatchSize, context.Length, q * d);
        }

        Tensor both = cat([_queryNorm?.Forward(queries) ?? queries, _keyNorm?.Forward(keys) ?? keys], 2);
        return _rotary.Rotate(both, context.Angles(_rotary));
    }
}
