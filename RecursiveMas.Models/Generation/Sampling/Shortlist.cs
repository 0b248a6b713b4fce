using static TorchSharp.torch;

namespace RecursiveMas.Generation.Sampling;

/// <summary>The largest scores of each row, found where the scores are, so that an accelerator sends a few hundred numbers instead of the vocabulary.</summary>
internal sealed class Shortlist
{
    private readonly float[] _scores; // [B, taken], descending
    private readonly long[] _ids;
    private readonly int _taken;

    /// <param name="scores">[B, V] float32.</param>
    /// <param name="k">How many are wanted; more are taken, for ties with the last one.</param>
    public Shortlist(Tensor scores, int k)
    {
        _taken = (int)Math.Min(scores.size(1), k + Math.Max(k, 64L));
        (Tensor values, Tensor indices) = scores.topk(_taken, dim: -1);
        _scores = values.cpu().data<float>().ToArray();
        _ids = indices.cpu().data<long>().ToArray();
    }

    public ReadOnlySpan<float> Scores(int row) => _scores.AsSpan(row * _taken, _taken);

    /// <summary>The row's scores and ids in order of ids; false if entries that tie with the k-th may be missing.</summary>
    public bool TryGetRow(int row, SamplingPlan plan, out float[] scores, out int[] ids)
    {
        scores = Scores(row).ToArray();
        ids = Array.ConvertAll(_ids[(row * _taken)..((row + 1) * _taken)], id => (int)id);
        float temperature = (float)plan.Temperature;
        bool complete = scores[plan.TopK - 1] / temperature > scores[^1] / temperature;
        Array.Sort(ids, scores);
        return complete;
    }
}
