using RecursiveMas.Shared;
using static TorchSharp.torch;

namespace RecursiveMas.Generation.Sampling;

// The filters over the whole vocabulary, one formula each. They are what CandidateFilter, the fast path, is tested against.

internal sealed class TemperatureFilter(double temperature) : IScoreProcessor
{
    public string Name => "temperature";

    public Tensor Process(Tensor scores, IReadOnlyList<SamplingRow> rows) => scores.div(tensor((float)temperature));
}

/// <summary>Drops what lies strictly below the k-th largest score, so that ties with it survive.</summary>
internal sealed class TopKFilter(int k) : IScoreProcessor
{
    public string Name => "top_k";

    public Tensor Process(Tensor scores, IReadOnlyList<SamplingRow> rows)
    {
        int kept = (int)Math.Min(k, scores.size(1));
        Tensor smallest = scores.topk(kept, dim: -1).values.narrow(-1, kept - 1, 1); // [B, 1]
        return scores.masked_fill(scores.lt(smallest), HeldNumbers.MinusInfinity);
    }
}

/// <summary>Drops the least probable entries whose probabilities, summed upwards, do not exceed 1 - p; the most probable one stays.</summary>
internal sealed class TopPFilter(double p) : IScoreProcessor
{
    public string Name => "top_p";

    public Tensor Process(Tensor scores, IReadOnlyList<SamplingRow> rows)
    {
        (Tensor sorted, Tensor order) = sort(scores, dim: -1, descending: false, stable: true); // [B, V]
        Tensor cumulative = sorted.softmax(-1).to_type(ScalarType.Float64).cumsum(-1).to_type(ScalarType.Float32);
        Tensor drop = cumulative.le(tensor((float)(1 - p)));
        drop.narrow(-1, scores.size(1) - 1, 1).fill_(HeldNumbers.False);
        return scores.masked_fill(drop.scatter(1, order, drop), HeldNumbers.MinusInfinity);
    }
}

/// <summary>Drops probabilities strictly below a fraction of the largest one.</summary>
internal sealed class MinPFilter(double fraction) : IScoreProcessor
{
    public string Name => "min_p";

    public Tensor Process(Tensor scores, IReadOnlyList<SamplingRow> rows)
    {
        Tensor probabilities = scores.softmax(-1);
        Tensor threshold = probabilities.amax([-1], keepdim: true).mul(tensor((float)fraction)); // [B, 1]
        return scores.masked_fill(probabilities.lt(threshold), HeldNumbers.MinusInfinity);
    }
}
