using RecursiveMas.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Extents of a gated delta layer.</summary>
/// <param name="KeyHeads">Heads of queries and keys; each serves consecutive value heads.</param>
/// <param name="ValueHeads">Heads of values, gates and states.</param>
/// <param name="KeySize">Channels of a query or key head.</param>
/// <param name="ValueSize">Channels of a value head.</param>
/// <param name="Kernel">Taps of the convolution.</param>
internal readonly record struct GatedDeltaSizes(int KeyHeads, int ValueHeads, int KeySize, int ValueSize, int Kernel)
{
    /// <summary>All queries or all keys.</summary>
    public int Keys => KeyHeads * KeySize;

    /// <summary>All values.</summary>
    public int Values => ValueHeads * ValueSize;

    /// <summary>What passes through the convolution: queries, keys, values.</summary>
    public int Channels => (2 * Keys) + Values;
}

/// <summary>The weights of a gated delta layer.</summary>
internal sealed record GatedDeltaWeights : IDisposable
{
    /// <summary>in_proj_qkv, in_proj_z, in_proj_b, in_proj_a.</summary>
    public required LinearGroup Inputs { get; init; }

    public required CausalConvolution Convolution { get; init; }

    /// <summary>−exp(A_log), [N], float32.</summary>
    public required Tensor Rate { get; init; }

    /// <summary>dt_bias, [N], float32.</summary>
    public required Tensor StepBias { get; init; }

    public required GatedRmsNorm Norm { get; init; }

    public required Linear Output { get; init; }

    public void Dispose()
    {
        Inputs.Dispose();
        Convolution.Dispose();
        Rate.Dispose();
        StepBias.Dispose();
        Norm.Dispose();
        Output.Dispose();
    }
}

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

    /// <summary>Takes the weights over.</summary>
    /// <param name="sizes">Extents.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="normInModelDtype">Whether queries and keys are normalised before they are widened to float32, or after.</param>
    public GatedDeltaAttention(GatedDeltaSizes sizes, GatedDeltaWeights weights, bool normInModelDtype)
    {
        (_sizes, _weights, _normInModelDtype) = (sizes, weights, normInModelDtype);
        _eps = tensor(NormEps, float32, weights.Rate.device);
        _queryScale = tensor((float)(1 / Math.Sqrt(sizes.KeySize)), float32, weights.Rate.device);
    }

    /// <summary>[B, T, H] to [B, T, H].</summary>
    public Tensor Forward(Tensor x, ForwardContext context, GatedDeltaCache? cache)
    {
        (int b, int t, int n) = (context.BatchSize, context.Length, _sizes.ValueHeads);
        // A padded position must leave convolution and state as they are: all zeros does.
        if (context.NewMask is { } mask)
            x = x.masked_fill(mask.logical_not().unsqueeze(-1), 0);
        Tensor[] parts = _weights.Inputs.Forward(x);
        (Tensor mixed, Tensor columns) = _weights.Convolution.Forward(parts[0], cache?.Columns); // [B, T, C]
        DeltaInput input = Input(mixed, parts[2], parts[3], b, t);
        (Tensor output, Tensor state) = cache is not null && t <= FewSteps
            ? GatedDeltaRule.Recurrent(input, cache.State, cache.OwnsState)
            : GatedDeltaRule.Chunked(input, cache?.State);
        cache?.Update(t, columns, state);
        Tensor gate = parts[1].view(b, t, n, _sizes.ValueSize); // [B, T, N, V]
        return _weights.Output.Forward(_weights.Norm.Forward(output.to_type(x.dtype), gate).reshape(b, t, _sizes.Values));
    }

    public void Dispose()
    {
        _weights.Dispose();
        _eps.Dispose();
        _queryScale.Dispose();
    }

    /// <param name="mixed">Queries, keys, values after the convolution, [B, T, C].</param>
    /// <param name="b">Strength of writing before the sigmoid, [B, T, N].</param>
    /// <param name="a">Step size before the softplus, [B, T, N].</param>
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
            nn.functional.softplus(a.to_type(ScalarType.Float32) + _weights.StepBias, 1, 20) * _weights.Rate);
    }

    /// <summary>Each head's channels divided by the root of the sum of their squares, float32.</summary>
    private Tensor Normalised(Tensor x)
    {
        if (!_normInModelDtype)
            x = x.to_type(ScalarType.Float32);
        return (x * x.square().sum([-1], keepdim: true).add_(_eps).rsqrt_()).to_type(ScalarType.Float32);
    }
}
