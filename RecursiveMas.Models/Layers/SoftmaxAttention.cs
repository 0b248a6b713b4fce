using RecursiveMas.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Extents of a softmax attention layer.</summary>
/// <param name="QueryHeads">Number of query heads.</param>
/// <param name="KeyValueHeads">Number of key and value heads; each serves consecutive query heads.</param>
/// <param name="HeadSize">Channels of a head.</param>
/// <param name="Window">Width of the sliding window, itself included; null for none.</param>
internal sealed record AttentionShape(int QueryHeads, int KeyValueHeads, int HeadSize, int? Window = null)
{
    public int Group => QueryHeads / KeyValueHeads;
}

/// <summary>Softmax attention over keys and values: projections, optional norms of queries and keys, rotation, cache, product.</summary>
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
        int turned = _shape.QueryHeads + _shape.KeyValueHeads;
        Tensor heads = _qkv.ForwardJoined(x).view(b, t, turned + _shape.KeyValueHeads, d); // [B, T, q+k+v heads, D]
        Tensor queriesAndKeys = heads.narrow(2, 0, turned);
        Tensor values = heads.narrow(2, turned, _shape.KeyValueHeads).transpose(1, 2); // [B, KV, T, D]
        if (_queryNorm is not null)
        {
            queriesAndKeys = cat(
                [_queryNorm.Forward(queriesAndKeys.narrow(2, 0, _shape.QueryHeads)), _keyNorm!.Forward(queriesAndKeys.narrow(2, _shape.QueryHeads, _shape.KeyValueHeads))],
                2);
        }

        queriesAndKeys = _rotary.Rotate(queriesAndKeys, context.Angles(_rotary));
        Tensor queries = queriesAndKeys.narrow(2, 0, _shape.QueryHeads).transpose(1, 2); // [B, Q, T, D]
        Tensor keys = queriesAndKeys.narrow(2, _shape.QueryHeads, _shape.KeyValueHeads).transpose(1, 2); // [B, KV, T, D]
        int firstKey = 0;
        if (cache is not null)
            (keys, values, firstKey) = cache.Append(keys, values);
        Tensor mixed = AttentionProduct.Compute(queries, keys, values, context, _shape, firstKey); // [B, T, Q·D]
        return _output.Forward(mixed);
    }

    public void Dispose()
    {
        _qkv.Dispose();
        _output.Dispose();
        _queryNorm?.Dispose();
        _keyNorm?.Dispose();
    }
}
