using RecursiveMas.Shared;

namespace RecursiveMas.Options;

/// <summary>The settings of one call after resolution: the call's own, else the system's, else as published.</summary>
internal sealed record AskSettings(
    int Rounds,
    int LatentSteps,
    int MaxNewTokens,
    SamplingOptions Sampling,
    long? Seed,
    MasChannel Channel,
    int MaxConcurrency,
    bool? AnswerPass,
    int? AnswerPassTokens,
    bool EnableThinking,
    int ReadOutTokens,
    IReadOnlyList<string> StopSequences,
    bool TelemetryContent,
    ToolOptions? Tools)
{
    /// <summary>Published runs draw code at this temperature.</summary>
    private const double CodeTemperature = 0.2;

    /// <exception cref="InvalidOptionException">A setting is out of range.</exception>
    public static AskSettings Resolve(AskOptions? call, MasOptions system, StyleDefaults published, TaskKind kind = TaskKind.Math)
    {
        if (call is not null)
            Require(call);
        Require(system);
        return new AskSettings(
            Given.AtLeast(1, call?.Rounds ?? system.Rounds ?? published.Rounds, nameof(RunOptions.Rounds)),
            Given.AtLeast(0, call?.LatentSteps ?? system.LatentSteps ?? published.LatentSteps, nameof(RunOptions.LatentSteps)),
            Given.AtLeast(1, call?.MaxNewTokens ?? system.MaxNewTokens ?? published.MaxNewTokens, nameof(RunOptions.MaxNewTokens)),
            SamplingOf(call, system, published, kind),
            call?.Seed ?? system.Seed,
            call?.Channel ?? system.Channel ?? MasChannel.Latent,
            Given.AtLeast(1, call?.MaxConcurrency ?? system.MaxConcurrency, nameof(MasOptions.MaxConcurrency)),
            call?.AnswerPass ?? system.AnswerPass,
            call?.AnswerPassTokens ?? system.AnswerPassTokens,
            call?.EnableThinking ?? system.EnableThinking ?? false,
            Given.AtLeast(0, call?.ReadOutTokens ?? system.ReadOutTokens ?? 0, nameof(RunOptions.ReadOutTokens)),
            call?.StopSequences ?? system.StopSequences ?? [],
            call?.TelemetryContent ?? system.TelemetryContent ?? false,
            call?.Tools ?? system.Tools);
    }

    /// <exception cref="InvalidOptionException">A setting is out of range.</exception>
    public static void Require(RunOptions options)
    {
        Given.AtLeast(1, options.Rounds ?? 1, nameof(RunOptions.Rounds));
        Given.AtLeast(0, options.LatentSteps ?? 0, nameof(RunOptions.LatentSteps));
        Given.AtLeast(1, options.MaxNewTokens ?? 1, nameof(RunOptions.MaxNewTokens));
        Given.AtLeast(1, options.AnswerPassTokens ?? 1, nameof(RunOptions.AnswerPassTokens));
        Given.AtLeast(0, options.ReadOutTokens ?? 0, nameof(RunOptions.ReadOutTokens));
        Given.Defined(options.Channel ?? MasChannel.Latent, nameof(RunOptions.Channel));
        if (options.StopSequences?.Any(string.IsNullOrEmpty) == true)
            throw new InvalidOptionException(nameof(RunOptions.StopSequences), "one of them is null or empty, which every text contains. Leave it out.");
    }

    private static SamplingOptions SamplingOf(AskOptions? call, MasOptions system, StyleDefaults published, TaskKind kind)
    {
        SamplingOptions asked = (call?.Sampling ?? new SamplingOptions()).Over(system.Sampling), sampling = asked.Over(published.Sampling);
        bool fixedTemperature = asked.Temperature is null || system.Compatibility == MasCompatibility.Reference;
        return kind == TaskKind.Code && fixedTemperature && sampling.DoSample == true ? sampling with { Temperature = CodeTemperature } : sampling;
    }
}
