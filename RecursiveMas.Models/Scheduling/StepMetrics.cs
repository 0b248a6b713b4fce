using System.Diagnostics.Metrics;

namespace RecursiveMas.Scheduling;

/// <summary>What is measured of steps.</summary>
internal static class StepMetrics
{
    private static readonly Meter s_meter = new(MasTelemetry.SourceName);

    private static readonly Histogram<int> s_rows =
        s_meter.CreateHistogram<int>(MasTelemetry.StepRows, "{row}", "Sessions that shared one step of a model.");

    private static readonly Histogram<long> s_positions =
        s_meter.CreateHistogram<long>(MasTelemetry.StepPositions, "{position}", "Positions that one step of a model read.");

    private static readonly Histogram<double> s_duration =
        s_meter.CreateHistogram<double>(MasTelemetry.StepDuration, "s", "Time of one step of a model, its links and samplers included.");

    /// <param name="modelType">Type of the model.</param>
    /// <param name="duration">Time of a whole step.</param>
    public static void Record(string modelType, TimeSpan duration) =>
        s_duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(MasTelemetry.ModelType, modelType));

    /// <param name="modelType">Type of the model.</param>
    /// <param name="rows">Sessions that took part.</param>
    /// <param name="positions">Positions that were read.</param>
    public static void Record(string modelType, int rows, long positions)
    {
        s_rows.Record(rows, new KeyValuePair<string, object?>(MasTelemetry.ModelType, modelType));
        s_positions.Record(positions, new KeyValuePair<string, object?>(MasTelemetry.ModelType, modelType));
    }
}
