using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RecursiveMas.Styles.Tests.Telemetry;

/// <summary>Everything that one system reports, and what the steps of all report.</summary>
internal sealed class Watched : IDisposable
{
    private readonly ActivityListener _spans;
    private readonly MeterListener _measurements = new();
    private readonly string _system;

    public Watched(string system)
    {
        _system = system;
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MasTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (system.Equals(span.GetTagItem(MasTelemetry.Workflow)))
                    Spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_spans);
        _measurements.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MasTelemetry.SourceName)
                listener.EnableMeasurementEvents(instrument);
        };
        _measurements.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _measurements.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _measurements.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _measurements.Start();
    }

    /// <summary>Spans in the order in which they ended.</summary>
    public ConcurrentQueue<Activity> Spans { get; } = new();

    public ConcurrentQueue<Measured> Measurements { get; } = new();

    public IEnumerable<Measured> Of(string instrument) => Measurements.Where(measured => measured.Name == instrument);

    /// <summary>Reads the instruments that are read only when asked for.</summary>
    public void Read() => _measurements.RecordObservableInstruments();

    public void Dispose()
    {
        _spans.Dispose();
        _measurements.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Dictionary<string, object?> all = tags.ToArray().ToDictionary();
        if (!all.TryGetValue(MasTelemetry.Workflow, out object? system) || _system.Equals(system))
            Measurements.Enqueue(new Measured(instrument.Name, instrument.Unit, instrument.GetType().Name.Split('`')[0], value, all));
    }

    internal sealed record Measured(string Name, string? Unit, string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags)
    {
        /// <summary>The tags as one text, without the system's name.</summary>
        public string Said => string.Join(
            ' ', Tags.Where(tag => tag.Key != MasTelemetry.Workflow).Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal));
    }
}
