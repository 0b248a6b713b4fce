using RecursiveMas.Agents;
using RecursiveMas.Shared;

namespace RecursiveMas.Generation.Sampling;

/// <summary>The sampling parameters of one request after resolution: call, else the model's file, else the library's defaults.</summary>
/// <remarks>Off are: temperature 1, top-k 0, top-p 1, min-p null, repetition penalty 1, minimum lengths 0.</remarks>
internal sealed record SamplingPlan(
    bool DoSample,
    double Temperature = SamplingPlan.DefaultTemperature,
    int TopK = SamplingPlan.DefaultTopK,
    double TopP = SamplingPlan.DefaultTopP,
    double? MinP = null,
    double RepetitionPenalty = SamplingPlan.DefaultRepetitionPenalty,
    int MinNewTokens = 0,
    int MinLength = 0)
{
    /// <summary>The caller's own processors.</summary>
    public IReadOnlyList<ILogitsProcessor> LogitsProcessors { get; init; } = [];

    public const double DefaultTemperature = 1, DefaultTopP = 1, DefaultRepetitionPenalty = 1;
    public const int DefaultTopK = 50;

    /// <exception cref="CheckpointException">A value that only the model's file gives is out of range.</exception>
    public static SamplingPlan Resolve(SamplingOptions call, ModelSamplingDefaults? model)
    {
        bool sample = call.DoSample ?? model?.DoSample ?? false;
        return new SamplingPlan(sample)
        {
            // Without sampling the filters are not built, so their values in the file are not judged either.
            Temperature = (sample ? call.Temperature ?? InFile(model?.Temperature, "temperature", SamplingRanges.Temperature) : null) ?? DefaultTemperature,
            TopP = (sample ? call.TopP ?? InFile(model?.TopP, "top_p", SamplingRanges.TopP) : null) ?? DefaultTopP,
            TopK = (sample ? call.TopK ?? (int?)InFile(model?.TopK, "top_k", SamplingRanges.TopK) : null) ?? DefaultTopK,
            MinP = sample ? call.MinP ?? InFile(model?.MinP, "min_p", SamplingRanges.MinP) : null,
            RepetitionPenalty = call.RepetitionPenalty
                ?? InFile(model?.RepetitionPenalty, "repetition_penalty", SamplingRanges.RepetitionPenalty)
                ?? DefaultRepetitionPenalty,
            MinNewTokens = call.MinNewTokens ?? (int?)InFile(model?.MinNewTokens, "min_new_tokens", SamplingRanges.Count) ?? 0,
            LogitsProcessors = call.LogitsProcessors,
            MinLength = call.MinLength ?? (int?)InFile(model?.MinLength, "min_length", SamplingRanges.Count) ?? 0,
        };

        double? InFile(double? value, string key, SamplingRange range) => value is not { } v || range.Holds(v)
            ? value
            : throw new CheckpointException(model!.File, $"'{key}': {range.Refusal(v)}");
    }
}
