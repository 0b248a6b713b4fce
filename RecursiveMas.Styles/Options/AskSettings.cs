using RecursiveMas.Shared;

namespace RecursiveMas.Options;

/// <summary>The settings of one call after resolution: the call's own, else the system's, else as published.</summary>
internal sealed record AskSettings(
    int Rounds,
    int LatentSteps,
    int MaxNewTokens,
    SamplingOptions Sampling,
    MasChannel Channel,
    int MaxConcurrency,
    bool? AnswerPass)
{
    /// <summary>Published runs draw code at this temperature.</summary>
    private const double CodeTemperature = 0.2;

    /// <exception cref="InvalidOptionException">A setting is out of range.</exception>
    public static AskSettings Resolve(AskOptions? call, MasOptions system, StyleDefaults published, TaskKind kind = TaskKind.Math)
    {
        MasChannel channel = call?.Channel ?? system.Channel;
        Given.Defined(channel, nameof(MasOptions.Channel));
        SamplingOptions? asked = call?.Sampling ?? system.Sampling;
        SamplingOptions sampling = asked ?? published.Sampling;
        if (kind == TaskKind.Code && (asked is null || system.Compatibility == MasCompatibility.Reference) && sampling.DoSample == true)
            sampling = sampling with { Temperature = CodeTemperature };
        return new AskSettings(
            Given.AtLeast(1, call?.Rounds ?? system.Rounds ?? published.Rounds, nameof(MasOptions.Rounds)),
            Given.AtLeast(0, call?.LatentSteps ?? system.LatentSteps ?? published.LatentSteps, nameof(MasOptions.LatentSteps)),
            Given.AtLeast(1, call?.MaxNewTokens ?? system.MaxNewTokens ?? published.MaxNewTokens, nameof(MasOptions.MaxNewTokens)),
            sampling with { Seed = call?.Seed ?? system.Seed ?? sampling.Seed },
            channel,
            Given.AtLeast(1, call?.MaxConcurrency ?? system.MaxConcurrency, nameof(MasOptions.MaxConcurrency)),
            call?.AnswerPass ?? system.AnswerPass);
    }
}
