using System.Diagnostics.Metrics;
using System.Reflection;

namespace RecursiveMas.Telemetry;

/// <summary>What is measured of runs. An instrument that nobody listens to records nothing.</summary>
internal static class RunMetrics
{
    private static readonly Meter s_meter = new(MasTelemetry.SourceName, Version);

    private static readonly long[] s_tokens =
        [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

    private static readonly double[] s_request = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    private static readonly double[] s_first = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private static readonly double[] s_next = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

    public static string Version => typeof(RunMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static Histogram<long> TokenUsage { get; } =
        Histogram<long>(MasTelemetry.TokenUsage, "{token}", "Tokens of an agent for a question.", s_tokens);

    public static Histogram<double> RequestDuration { get; } =
        Histogram<double>(MasTelemetry.RequestDuration, "s", "Time from a question to the end of its answer.", s_request);

    public static Histogram<double> TimeToFirstToken { get; } =
        Histogram<double>(MasTelemetry.TimeToFirstToken, "s", "Time from a question to the first token of its answer.", s_first);

    public static Histogram<double> TimePerOutputToken { get; } =
        Histogram<double>(MasTelemetry.TimePerOutputToken, "s", "Time from one token of an answer to the next.", s_next);

    public static Histogram<double> StageDuration { get; } =
        Histogram<double>(MasTelemetry.StageDuration, "s", "Time of an agent's part of a stage.", s_request);

    public static Histogram<double> ToolDuration { get; } = Histogram<double>(MasTelemetry.ToolDuration, "s", "Time of a tool's call.", s_request);

    public static Histogram<int> Rounds { get; } = Histogram<int>(MasTelemetry.Rounds, "{round}", "Rounds of a question.");

    public static Histogram<double> HopNorm { get; } = Histogram<double>(MasTelemetry.HopNorm, "1", "Mean Euclidean norm of the vectors of a hop.");

    public static Histogram<long> CacheSize { get; } = Histogram<long>(MasTelemetry.CacheSize, "By", "Most bytes of an agent's cache for a question.");

    public static Counter<long> LatentSteps { get; } = s_meter.CreateCounter<long>(MasTelemetry.LatentSteps, "{step}", "Latent steps.");

    public static Counter<long> Hops { get; } = s_meter.CreateCounter<long>(MasTelemetry.Hops, "{hop}", "Blocks and texts that crossed edges.");

    /// <summary>Whether anybody listens to any of them.</summary>
    public static bool AreEnabled => TokenUsage.Enabled || RequestDuration.Enabled || TimeToFirstToken.Enabled || TimePerOutputToken.Enabled
        || StageDuration.Enabled || ToolDuration.Enabled || Rounds.Enabled || HopNorm.Enabled || CacheSize.Enabled || LatentSteps.Enabled || Hops.Enabled;

    private static Histogram<T> Histogram<T>(string name, string unit, string description, T[]? limits = null)
        where T : struct => s_meter.CreateHistogram(
            name, unit, description, tags: null, limits is null ? null : new InstrumentAdvice<T> { HistogramBucketBoundaries = limits });
}
