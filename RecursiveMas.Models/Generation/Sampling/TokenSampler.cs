using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Generation.Sampling;

/// <summary>Chooses the next token of every row of a batch. One per request: it keeps buffers, so calls must not overlap.</summary>
/// <param name="plan">The resolved parameters.</param>
/// <param name="endIds">Ids that end the text, for the minimum lengths.</param>
/// <param name="extra">Further processors between ours that work on scores and the sampling filters.</param>
internal sealed class TokenSampler(SamplingPlan plan, IReadOnlyList<int> endIds, IReadOnlyList<IScoreProcessor>? extra = null)
{
    /// <summary>Stands in the place of a finished row's token.</summary>
    public const int None = -1;

    private readonly LogitsProcessorChain _chain = LogitsProcessorChain.Create(plan, endIds, extra);
    private readonly CandidateFilter _filter = new(plan);

    /// <summary>Whether top-k first picks candidates on the scores' device; by default wherever that is not the CPU.</summary>
    internal bool? UseShortlist { get; init; }

    /// <summary>The next id of every row, <see cref="None"/> for finished ones. The rows' histories stay as they are.</summary>
    /// <param name="logits">[B, V], scores of the last position, any floating type; not changed.</param>
    /// <param name="rows">One for each row of the batch.</param>
    /// <exception cref="SamplingException">The scores of a row leave no valid probabilities. No generator has moved.</exception>
    public int[] Next(Tensor logits, IReadOnlyList<SamplingRow> rows)
    {
        using IDisposable mode = inference_mode(true);
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = LogitsProcessorChain.Apply(_chain.Scores, Prepare(logits, rows), rows);
        return plan.DoSample ? Draw(scores.contiguous(), rows) : Largest(scores, rows);
    }

    /// <summary>Checks shapes and converts to float32.</summary>
    internal static Tensor Prepare(Tensor logits, IReadOnlyList<SamplingRow> rows) =>
        logits.dim() == 2 && logits.size(0) == rows.Count && logits.size(1) > 0
            ? logits.to_type(ScalarType.Float32)
            : throw new ArgumentException($"Scores of shape [{string.Join(", ", logits.shape)}] do not fit {rows.Count} rows.", nameof(logits));

    /// <summary>Refuses a row whose largest score, which is NaN if any is, allows no probabilities.</summary>
    internal static void Check(float largest, int row, SamplingRow state)
    {
        if (float.IsFinite(largest))
            return;
        string what = float.IsNaN(largest) ? "a score is NaN" : largest > 0 ? "a score is infinite" : "all scores are minus infinity, so no token is possible";
        throw new SamplingException(row, state.NewTokens, $"{what}. Check the model's weights and the temperature, or run the model in float32.");
    }

    private static int[] Largest(Tensor scores, IReadOnlyList<SamplingRow> rows)
    {
        (Tensor values, Tensor indices) = scores.max(1);
        float[] largest = values.cpu().data<float>().ToArray();
        long[] ids = indices.cpu().data<long>().ToArray();
        int[] next = new int[rows.Count];
        for (int b = 0; b < next.Length; b++)
        {
            if (!rows[b].Finished)
                Check(largest[b], b, rows[b]);
            next[b] = rows[b].Finished ? None : (int)ids[b];
        }

        return next;
    }

    private int[] Draw(Tensor scores, IReadOnlyList<SamplingRow> rows)
    {
        bool onDevice = UseShortlist ?? scores.device_type != DeviceType.CPU;
        Shortlist? shortlist = onDevice && plan.TopK > 0 && plan.TopK < scores.size(1) ? new Shortlist(scores, plan.TopK) : null;
        if (shortlist is null)
            scores = scores.cpu();

        // All rows are judged before the first draw.
        float[] largest = new float[rows.Count];
        for (int b = 0; b < largest.Length; b++)
        {
            if (rows[b].Finished)
                continue;
            largest[b] = _filter.Largest(shortlist is null ? Row(scores, b) : shortlist.Scores(b));
            Check(largest[b], b, rows[b]);
        }

        int[] next = new int[rows.Count];
        for (int b = 0; b < next.Length; b++)
        {
            next[b] = None;
            if (rows[b].Finished)
                continue;
            Candidates kept = shortlist is not null && shortlist.TryGetRow(b, plan, out float[] few, out int[] ids)
                ? _filter.Filter(few, ids, largest[b])
                : _filter.Filter(Row(scores, b), [], largest[b]);
            next[b] = kept.Ids[TokenDraw.Index(kept.Weights, rows[b].Random.NextDouble())];
        }

        return next;
    }

    // A view of the tensor's memory on the CPU, a copy otherwise; alive as long as the caller's scope.
    private static ReadOnlySpan<float> Row(Tensor scores, int row) => MemoryMarshal.Cast<byte, float>(scores[row].cpu().bytes);
}
