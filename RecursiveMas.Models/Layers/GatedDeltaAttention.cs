using RecursiveMas.Caching;
using RecursiveMas.Configuration;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Linear attention by the gated delta rule: projections, convolution, rule, gated norm.</summary>
internal sealed class GatedDeltaAttention : IDisposable
{
    private const float NormEps = 1e-6f;
    // Below this the steps one by one cost less than a chunk.
    private const int FewSteps = 4;

    private readonly GatedDeltaSizes _sizes;
    private readonly GatedDeltaWeights _weights;
    private readonly bool _normInModelDtype;
    private readonly Tensor _eps;
    private readonly Tensor _queryScale;
    private readonly GatedDeltaKernels _kernels;

    /// <summary>Takes the weights over.</summary>
    /// <param name="sizes">Extents.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="normInModelDtype">Whether queries and keys are normalised before they are widened to float32, or after.</param>
    public GatedDeltaAttention(GatedDeltaSizes sizes, GatedDeltaWeights weights, bool normInModelDtype)
    {
        (_sizes, _weights, _normInModelDtype) = (sizes, weights, normInModelDtype);
        _eps = tensor(NormEps, float32, weights.Rate.device);
        _queryScale = tensor((float)(1 / Math.Sqrt(sizes.KeySize)), float32, weights.Rate.device);
        _kernels = new GatedDeltaKernels(sizes, weights, normInModelDtype, NormEps);
    }

    /// <summary>[N, H] to [N, H]; the caches of the rows' layer go on by the new positions.</summary>
    public Tensor Forward(Tensor x, ForwardContext context, int layer)
    {
        Tensor inputs = _weights.Inputs.ForwardJoined(x); // [N, channels + values + 2 · heads]
        Tensor mixed = Mixed(inputs, context, layer); // [N, values]
        Tensor gate = inputs.narrow(1, _sizes.Channels, _sizes.Values);
        return _weights.Output.Forward(_weights.Norm.Forward(mixed, gate, _sizes.ValueSize, context));
    }

    public void Dispose()
    {
        _weights.Dispose();
        _eps.Dispose();
        _queryScale.Dispose();
    }

    /// <summary>Convolution and rule: by kernels where they serve, else rows of equal length together.</summary>
    private Tensor Mixed(Tensor inputs, ForwardContext context, int layer)
    {
        ILookup<bool, RowSpan> rows = context.Rows.ToArray().ToLookup(row => context.UseKernels && row.Cache is not null && row.Length <= FewSteps);
        RowSpan[][] groups = [.. rows[false].GroupBy(row => (row.Length, row.Cache is null)).Select(group => group.ToArray())];
        Tensor[] parts = inputs.split([_sizes.Channels, _sizes.Values, _sizes.ValueHeads, _sizes.ValueHeads], 1);
        if (groups.Length == 1 && !rows[true].Any())
            return Group(parts, groups[0], layer).reshape(context.Positions, _sizes.Values);
        Tensor mixed = empty([context.Positions, _sizes.Values], inputs.dtype, inputs.device);
        if (rows[true].Any())
            _kernels.Forward(inputs, rows[true].ToArray(), layer, mixed);
        foreach (RowSpan[] group in groups)
        {
            Tensor outputs = Group(parts, group, layer);
            for (int i = 0; i < group.Length; i++)
                mixed.narrow(0, group[i].Start, group[i].Length).copy_(outputs[i]);
        }

        return mixed;
    }

    /// <summary>Rows of equal length T, all or none with caches.</summary>
    /// <returns>[B, T, values] in the model's dtype.</returns>
    private Tensor Group(Tensor[] parts, RowSpan[] rows, int layer)
    {
        int t = rows[0].Length;
        GatedDeltaCache[]? caches = rows[0].Cache is null ? null : [.. rows.Select(row => (GatedDeltaCache)row.Cache!.Layers[layer])];
        (Tensor mixed, Tensor columns) = _weights.Convolution.Forward(Stacked(parts[0], rows), Before(caches, cache => cache.Columns)); // [B, T, C]
        DeltaInput input = Input(mixed, Stacked(parts[2], rows), Stacked(parts[3], rows), rows.Length, t);
        bool inPlace = caches is [{ OwnsState: true }];
        Tensor? before = Before(caches, cache => cache.State); // [B, heads, d_k, d_v]
        (Tensor output, Tensor state) = caches is not null && t <= FewSteps
            ? GatedDeltaRule.Recurrent(input, before, inPlace || caches.Length > 1)
            : GatedDeltaRule.Chunked(input, before);
        for (int i = 0; i < caches?.Length; i++)
            caches[i].Update(t, columns[i].clone(), inPlace && ReferenceEquals(state, before) ? caches[i].State! : state[i].clone());
        return output.to_type(parts[0].dtype).reshape(rows.Length, t, _sizes.Values);
    }

    /// <summary>[N, X] to [B, T, X] of rows of equal length.</summary>
    private static Tensor Stacked(Tensor flat, RowSpan[] rows)
    {
        (int b, int t) = (rows.Length, rows[0].Length);
        return flat.size(0) == b * t
            ? flat.reshape(b, t, flat.size(1))
            : stack(rows.Select(row => flat.narrow(0, row.Start, t)).ToArray());
    }

    /// <summary>What the caches hold, stacked, zeros where one is empty; null if all are.</summary>
    private static Tensor? Before(GatedDeltaCache[]? caches, Func<GatedDeltaCache, Tensor?> part)
    {
        Tensor?[] held = [.. (caches ?? []).Select(part)];
        if (Array.Find(held, tensor => tensor is not null) is not { } like)
            return null;
        return held.Length == 1 ? like.unsqueeze(0) : stack(held.Select(tensor => tensor ?? zeros_like(like)).ToArray());
    }

    /// <param name="mixed">Queries, keys, values after the convolution, [B, T, C].</param>
    /// <param name="b">Strength of writing before the sigmoid, [B, T, heads].</param>
    /// <param name="a">Step size before the softplus, [B, T, heads].</param>
    /// <param name="rows">B.</param>
    /// <param name="steps">T.</param>
    private DeltaInput Input(Tensor mixed, Tensor b, Tensor a, int rows, int steps)
    {
        Tensor heads = Normalised(mixed.narrow(-1, 0, 2 * _sizes.Keys).view(rows, steps, 2, _sizes.KeyHeads, _sizes.KeySize));
        int group = _sizes.ValueHeads / _sizes.KeyHeads;
        if (group > 1)
            heads = heads.unsqueeze(4).expand(-1, -1, -1, -1, group, -1).reshape(rows, steps, 2, _sizes.ValueHeads, _sizes.KeySize);
        Tensor values = mixed.narrow(-1, 2 * _sizes.Keys, _sizes.Values).view(rows, steps, _sizes.ValueHeads, _sizes.ValueSize);
        return new DeltaInput(
            heads.select(2, 0) * _queryScale,
            heads.select(2, 1),
            values.to_type(ScalarType.Float32),
            b.sigmoid().to_type(ScalarType.Float32),
            SoftPlus(a.to_type(ScalarType.Float32).Plus(_weights.StepBias)) * _weights.Rate);
    }

    private static Tensor SoftPlus(Tensor x) => nn.functional.logsigmoid(x.neg()).neg();

    /// <summary>Each head's channels divided by the root of the sum of their squares, float32.</summary>
    private Tensor Normalised(Tensor x)
    {
        if (!_normInModelDtype)
            x = x.to_type(ScalarType.Float32);
        return (x * (x * x).sum([-1], keepdim: true).PlusInPlace(_eps).rsqrt_()).to_type(ScalarType.Float32);
    }
}
