using RecursiveMas.Generation.Sampling;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Generation;

/// <summary>What the fast path keeps of each row, spread over the vocabulary again.</summary>
internal static class FastPath
{
    public static float[][] Probabilities(SamplingPlan plan, int[] endIds, Tensor logits, SamplingRow[] rows)
    {
        float[] scores = LogitsProcessorChain.Apply(LogitsProcessorChain.Create(plan, endIds).Scores, logits, rows).data<float>().ToArray();
        var filter = new CandidateFilter(plan);
        return [.. scores.Chunk((int)logits.size(1)).Select(row =>
        {
            float[] probabilities = new float[row.Length];
            Candidates kept = filter.Filter(row, [], filter.Largest(row));
            double total = kept.Weights.ToArray().Sum(weight => (double)weight);
            for (int i = 0; i < kept.Ids.Length; i++)
                probabilities[kept.Ids[i]] = (float)(kept.Weights[i] / total);
            return probabilities;
        })];
    }
}
