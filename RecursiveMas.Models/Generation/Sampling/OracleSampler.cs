using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Generation.Sampling;

/// <summary>
/// The plain form of <see cref="TokenSampler"/>: every processor over the whole vocabulary, nothing clever. Slow; it is what the fast one must agree
/// with.
/// </summary>
internal sealed class OracleSampler(SamplingPlan plan, IReadOnlyList<int> endIds, IReadOnlyList<IScoreProcessor>? extra = null)
{
    private readonly LogitsProcessorChain _chain = LogitsProcessorChain.Create(plan, endIds, extra);

    /// <summary>Probabilities [B, V] float32 after all processors, NaN where there are none, in the caller's scope.</summary>
    public Tensor Probabilities(Tensor logits, IReadOnlyList<SamplingRow> rows) => Filtered(logits, rows).softmax(-1);

    /// <inheritdoc cref="TokenSampler.Next"/>
    public int[] Next(Tensor logits, IReadOnlyList<SamplingRow> rows)
    {
        using IDisposable mode = inference_mode(true);
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = Filtered(logits, rows);
        for (int b = 0; b < rows.Count; b++)
        {
            if (!rows[b].Finished)
                TokenSampler.Check(scores[b].max().item<float>(), b, rows[b]);
        }

        return [.. rows.Select((row, b) => row.Finished ? TokenSampler.None
            : plan.DoSample ? TokenDraw.Index(scores[b].softmax(-1).cpu().data<float>().ToArray(), row.Random.NextDouble())
            : (int)scores[b].argmax().item<long>())];
    }

    private Tensor Filtered(Tensor logits, IReadOnlyList<SamplingRow> rows) =>
        LogitsProcessorChain.Apply([.. _chain.Scores, .. _chain.Filters], TokenSampler.Prepare(logits, rows), rows);
}
