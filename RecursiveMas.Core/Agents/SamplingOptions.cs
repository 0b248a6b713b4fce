using System.Text.Json.Serialization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How the next token is chosen while text is written. A member that is <see langword="null"/> is "not given".</summary>
/// <remarks>
/// What is not given is taken from the model's <c>generation_config.json</c>, and what that file lacks from the library:
/// no sampling, temperature 1, top-k 50, top-p 1, no min-p, repetition penalty 1. Values out of range raise
/// <see cref="InvalidOptionException"/> where they are set. Immutable, so safe for concurrent use.
/// </remarks>
public sealed record SamplingOptions
{
    /// <summary>
    /// Whether tokens are drawn at random (true) or the most probable one is taken (false). Temperature, top-k, top-p and min-p act only when true.
    /// </summary>
    public bool? DoSample { get; init; }

    /// <summary>Divides the scores: below 1 sharper, above 1 flatter. Greater than 0.</summary>
    /// <exception cref="InvalidOptionException">The value is not a finite number greater than 0.</exception>
    public double? Temperature { get; init => field = SamplingRanges.Temperature.Check(nameof(Temperature), value); }

    /// <summary>Keeps the smallest set of most probable tokens whose probabilities sum to at least this, 0 to 1. 1 keeps all.</summary>
    /// <exception cref="InvalidOptionException">The value does not lie between 0 and 1.</exception>
    public double? TopP { get; init => field = SamplingRanges.TopP.Check(nameof(TopP), value); }

    /// <summary>Keeps the k most probable tokens, and those that tie with the last of them. 0 keeps all.</summary>
    /// <exception cref="InvalidOptionException">The value is negative.</exception>
    public int? TopK { get; init => field = SamplingRanges.TopK.Check(nameof(TopK), value); }

    /// <summary>Drops tokens less probable than this fraction of the most probable one, 0 to 1.</summary>
    /// <exception cref="InvalidOptionException">The value does not lie between 0 and 1.</exception>
    public double? MinP { get; init => field = SamplingRanges.MinP.Check(nameof(MinP), value); }

    /// <summary>
    /// Weakens (above 1) or strengthens (below 1) every token that was seen before. 1 does nothing. Greater than 0.
    /// Prompt tokens count as seen only where the prompt consists of token ids alone, without spliced latent blocks.
    /// </summary>
    /// <exception cref="InvalidOptionException">The value is not a finite number greater than 0.</exception>
    public double? RepetitionPenalty { get; init => field = SamplingRanges.RepetitionPenalty.Check(nameof(RepetitionPenalty), value); }

    /// <summary>The end of text is impossible before this many tokens have been written, at least 0.</summary>
    /// <exception cref="InvalidOptionException">The value is negative.</exception>
    public int? MinNewTokens { get; init => field = SamplingRanges.Count.Check(nameof(MinNewTokens), value); }

    /// <summary>As <see cref="MinNewTokens"/>, but the ids of the prompt count too (none of a prompt with spliced latent blocks). At least 0.</summary>
    /// <exception cref="InvalidOptionException">The value is negative.</exception>
    public int? MinLength { get; init => field = SamplingRanges.Count.Check(nameof(MinLength), value); }

    /// <summary>Own steps between the model's scores and the choice, in their order. Default: none. Not written as JSON.</summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    [JsonIgnore]
    public IReadOnlyList<ILogitsProcessor> LogitsProcessors { get; init => field = Given.AllNotNull(value, nameof(LogitsProcessors)); } = [];

    /// <summary>These options where they are given, and others where they are not.</summary>
    /// <param name="others">Options that come second; null for none.</param>
    public SamplingOptions Over(SamplingOptions? others) => others is null ? this : new SamplingOptions
    {
        DoSample = DoSample ?? others.DoSample,
        Temperature = Temperature ?? others.Temperature,
        TopP = TopP ?? others.TopP,
        TopK = TopK ?? others.TopK,
        MinP = MinP ?? others.MinP,
        RepetitionPenalty = RepetitionPenalty ?? others.RepetitionPenalty,
        MinNewTokens = MinNewTokens ?? others.MinNewTokens,
        MinLength = MinLength ?? others.MinLength,
        LogitsProcessors = LogitsProcessors.Count > 0 ? LogitsProcessors : others.LogitsProcessors,
    };
}
