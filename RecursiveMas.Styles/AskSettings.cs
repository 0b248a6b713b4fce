namespace RecursiveMas;

/// <summary>The settings of one call after resolution: the call's own, else the system's, else as published.</summary>
internal sealed record AskSettings(int Rounds, int LatentSteps, int MaxNewTokens, SamplingOptions Sampling, MasChannel Channel, int BatchSize)
{
    /// <exception cref="InvalidOptionException">A setting is out of range.</exception>
    public static AskSettings Resolve(AskOptions? call, MasOptions system, StyleDefaults published)
    {
        SamplingOptions sampling = call?.Sampling ?? system.Sampling ?? published.Sampling;
        MasChannel channel = call?.Channel ?? system.Channel;
        if (!Enum.IsDefined(channel))
            throw new InvalidOptionException(nameof(MasOptions.Channel), $"{channel} is unknown. Known: {string.Join(", ", Enum.GetNames<MasChannel>())}.");
        return new AskSettings(
            AtLeast(1, call?.Rounds ?? system.Rounds ?? published.Rounds, nameof(MasOptions.Rounds)),
            AtLeast(0, call?.LatentSteps ?? system.LatentSteps ?? published.LatentSteps, nameof(MasOptions.LatentSteps)),
            AtLeast(1, call?.MaxNewTokens ?? system.MaxNewTokens ?? published.MaxNewTokens, nameof(MasOptions.MaxNewTokens)),
            sampling with { Seed = call?.Seed ?? system.Seed ?? sampling.Seed },
            channel,
            AtLeast(1, call?.BatchSize ?? system.BatchSize, nameof(MasOptions.BatchSize)));
    }

    private static int AtLeast(int least, int value, string option) =>
        value >= least ? value : throw new InvalidOptionException(option, $"{value} is not possible; at least {least} is needed.");
}
