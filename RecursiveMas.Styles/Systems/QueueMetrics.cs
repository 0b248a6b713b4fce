using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace RecursiveMas.Systems;

/// <summary>What is measured of questions before they run. Lengths are read when somebody asks for them.</summary>
internal static class QueueMetrics
{
    private static readonly Meter s_meter = new(MasTelemetry.SourceName);

    private static readonly ConditionalWeakTable<RequestGate, string> s_gates = new();

    private static readonly Histogram<double> s_duration =
        s_meter.CreateHistogram<double>(MasTelemetry.QueueDuration, "s", "Time that a question waited for a place.");

    static QueueMetrics()
    {
        s_meter.CreateObservableUpDownCounter(
            MasTelemetry.ActiveQuestions, () => Each(gate => gate.Running), "{question}", "Questions that run.");
        s_meter.CreateObservableUpDownCounter(
            MasTelemetry.QueueLength, () => Each(gate => gate.Waiting), "{question}", "Questions that wait for a place.");
    }

    /// <summary>Watches the gate of a system for as long as it is in use.</summary>
    public static void Watch(RequestGate gate, string system) => s_gates.Add(gate, system);

    /// <summary>Ends that.</summary>
    public static void Forget(RequestGate gate) => s_gates.Remove(gate);

    public static void Record(string system, TimeSpan waited) =>
        s_duration.Record(waited.TotalSeconds, new KeyValuePair<string, object?>(MasTelemetry.Workflow, system));

    private static IEnumerable<Measurement<int>> Each(Func<RequestGate, int> count) =>
        [.. s_gates.Select(gate => new Measurement<int>(count(gate.Key), new KeyValuePair<string, object?>(MasTelemetry.Workflow, gate.Value)))];
}
