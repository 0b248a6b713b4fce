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

    /// <summary>The same for a managed step; null where the weights are laid out otherwise.</summary>
    public StepAttention? ForStep() => _qkv.Rows is { } rows && _output is RowsLinear output
        ? new StepAttention(rows, output.Stack, _kernels.Task, _shape.Gated, _queryNorm?.ForHeads() ?? default, _keyNorm?.ForHeads() ?? default, _rotary)
        : null;

    public void Dispose()
    {
        _qkv.Dispose();
        _output.Dispose();
        _queryNorm?.Dispose();
        _keyNorm?.Dispose();
        _shape.SoftCap?.Dispose();
    }

    /// <summary>The product of all rows, [N, Q·D].</summary>
    private Tensor Mixed(Tensor heads, ForwardContext context, int layer)
    {
        (int q, int kv) = (_shape.QueryHeads, _shape.KeyValueHeads);
        heads = heads.view(context.Positions, _shape.JoinedHeads, _shape.HeadSize);
        Tensor rotated = Rotated(heads, context, out Tensor? gates); // [N, q + k heads, D]
        Tensor queries = rotated.narrow(1, 0, q), keys = rotated.narrow(1, q, kv), values = heads.narrow(1, _shape.ProjectedHeads + kv, kv); // [N, …, D]
        var parts = new SortedList<int, Tensor>(context.Rows.Length); // by their first position
        var pooled = new List<PooledRow>();
        foreach (ref readonly RowSpan row in context.Rows)
        {
            KeyValueSlots? slots = ((KeyValueCache?)row.Cache?.Layers[layer])?.Append(row.Length);
            if (row.Length == 1 && slots?.Buffer.Pool is not null && _shape.SoftCap is null && context.Rows.Length > 1)
                pooled.Add(new PooledRow(row.Start, slots.Value));
            else
                parts.Add(row.Start, Row(queries, keys, values, slots, context, row));
        }

        foreach (PooledRow[] run in RowsTogether.Cut(pooled))
        {
            Tensor together = RowsTogether.Compute(queries, keys, values, run, context, _shape);
            if (run.Length == context.Rows.Length)
                parts.Add(0, together);
            else
                AddEach(parts, together, run);
        }

        foreach (ref readonly RowSpan row in context.Rows)
            ((KeyValueCache?)row.Cache?.Layers[layer])?.Trim();
        Tensor mixed = parts.Count == 1 ? parts.GetValueAtIndex(0) : cat([.. parts.Values]);
        return gates is null ? mixed : mixed.mul(gates.sigmoid());
    }

    private static void AddEach(SortedList<int, Tensor> parts, Tensor together, PooledRow[] run)
    {
        for (int i = 0; i < run.Length; i++)
            parts.Add(run[i].Position, together.narrow(0, i, 1));
    }

    /// <summary>The product of one row, [T, Q·D].</summary>
    private Tensor Row(Tensor queries, Tensor keys, Tensor values, KeyValueSlots? slots, ForwardContext context, in RowSpan row)
    {
        queries = queries.narrow(0, row.Start, row.Length).transpose(0, 1); // [Q, T, D]
        keys = keys.narrow(0, row.Start, row.Length).transpose(0, 1); // [KV, T, D]
        values = values.narrow(0, row.Start, row.Length).transpose(0, 1);
        if (slots is not { } there)
            return AttentionProduct.Compute(queries, keys, values, context, row, _shape, firstKey: 0);
        there.Write(keys, values);
        return AttentionProduct.Compute(queries, there.Keys, there.Values, context, row, _shape, there.FirstKey);
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
