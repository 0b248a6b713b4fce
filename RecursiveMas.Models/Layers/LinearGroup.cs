using RecursiveMas.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Several linear maps of the same input, as one product where their weights may be copied or need not lie together, else one by one.</summary>
internal sealed class LinearGroup : IDisposable
{
    private readonly Linear[] _linears;
    private readonly long[] _widths;

    private LinearGroup(Linear[] linears, long[] widths)
    {
        _linears = linears;
        _widths = widths;
    }

    /// <summary>Takes the parts over.</summary>
    /// <param name="parts">Weights [out_i, in] and biases [out_i]; all or none have a bias.</param>
    /// <param name="plan">Where and how to compute.</param>
    public static LinearGroup Create(IReadOnlyList<(Tensor Weight, Tensor? Bias)> parts, ComputePlan plan)
    {
        long[] widths = [.. parts.Select(part => part.Weight.size(0))];
        if (plan.Rows)
            return new LinearGroup([RowsLinear.Create(parts, plan.Layout == WeightLayout.Int8Rows)], widths);
        if (!plan.FuseWeights)
            return new LinearGroup([.. parts.Select(part => Linear.Create(part.Weight, part.Bias, plan))], widths);
        Tensor weight = Joined([.. parts.Select(part => part.Weight)]);
        Tensor? bias = parts[0].Bias is null ? null : Joined([.. parts.Select(part => part.Bias!)]);
        return new LinearGroup([Linear.Create(weight, bias, plan)], widths);
    }

    /// <summary>Whether the parts are one product.</summary>
    public bool IsJoined => _linears.Length == 1;

    /// <summary>Their weights as kernels take them; null where they are laid out otherwise.</summary>
    public RowStack? Rows => (_linears[0] as RowsLinear)?.Stack;

    /// <summary>All results side by side, [..., Σ out_i].</summary>
    public Tensor ForwardJoined(Tensor x) =>
        IsJoined ? _linears[0].Forward(x) : cat([.. _linears.Select(linear => linear.Forward(x))], -1);

    /// <summary>Each result on its own, [..., out_i].</summary>
    public Tensor[] Forward(Tensor x)
    {
        if (_linears.Length == _widths.Length)
            return [.. _linears.Select(linear => linear.Forward(x))];
        Tensor joined = _linears[0].Forward(x);
        var results = new Tensor[_widths.Length];
        long start = 0;
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = joined.narrow(-1, start, _widths[i]);
            start += _widths[i];
        }

        return results;
    }

    public void Dispose()
    {
        foreach (Linear linear in _linears)
            linear.Dispose();
    }

    private static Tensor Joined(Tensor[] parts)
    {
        Tensor joined = cat(parts, 0);
        foreach (Tensor part in parts)
            part.Dispose();
        return joined;
    }
}
