using static TorchSharp.torch;

namespace RecursiveMas.Generation.Sampling;

/// <summary>The processors that a plan needs, in the order of transformers 5.3.0.</summary>
internal sealed record LogitsProcessorChain(IReadOnlyList<IScoreProcessor> Scores, IReadOnlyList<IScoreProcessor> Filters)
{
    /// <param name="plan">The resolved parameters.</param>
    /// <param name="endIds">Ids that end the text.</param>
    /// <param name="extra">The caller's own processors; they come after ours that work on scores and before the sampling filters.</param>
    public static LogitsProcessorChain Create(SamplingPlan plan, IReadOnlyList<int> endIds, IReadOnlyList<IScoreProcessor>? extra = null)
    {
        int[] ends = [.. endIds.Distinct()];
        List<IScoreProcessor> scores = [], filters = [];
        if (plan.RepetitionPenalty != 1)
            scores.Add(new RepetitionPenaltyProcessor(plan.RepetitionPenalty));
        if (plan.MinLength > 0 && ends.Length > 0)
            scores.Add(new MinimumLengthProcessor("min_length", ends, row => row.Length < plan.MinLength));
        if (plan.MinNewTokens > 0 && ends.Length > 0)
            scores.Add(new MinimumLengthProcessor("min_new_tokens", ends, row => row.NewTokens < plan.MinNewTokens));
        scores.AddRange(plan.LogitsProcessors.Select(own => new OwnProcessor(own)));
        scores.AddRange(extra ?? []);
        if (plan.DoSample)
        {
            if (plan.Temperature != 1)
                filters.Add(new TemperatureFilter(plan.Temperature));
            if (plan.TopK != 0)
                filters.Add(new TopKFilter(plan.TopK));
            if (plan.TopP < 1)
                filters.Add(new TopPFilter(plan.TopP));
            if (plan.MinP is { } minP)
                filters.Add(new MinPFilter(minP));
        }

        return new LogitsProcessorChain(scores, filters);
    }

    /// <summary>Applies processors one after the other. The result may be the tensor that came in.</summary>
    public static Tensor Apply(IReadOnlyList<IScoreProcessor> processors, Tensor scores, IReadOnlyList<SamplingRow> rows)
    {
        foreach (IScoreProcessor processor in processors)
            scores = processor.Process(scores, rows);
        return scores;
    }
}
