using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RecursiveMas.Runs;

/// <summary>Measures how long models compute while it runs: the time in which at least one step of a model of this process is under way.</summary>
internal sealed class ModelClock : IDisposable
{
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly long _began = Stopwatch.GetTimestamp();

    // Steps of several models may overlap, and are told of when they end: what they cover is kept as intervals that do not touch, in order.
    private readonly List<(double From, double To)> _covered = [];

    public ModelClock()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MasTelemetry.SourceName && instrument.Name == MasTelemetry.StepDuration)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => Add(seconds));
        _listener.Start();
    }

    /// <summary>Seconds since the beginning.</summary>
    public double Elapsed => Stopwatch.GetElapsedTime(_began).TotalSeconds;

    /// <summary>Seconds in which a model computed.</summary>
    public double Busy
    {
        get
        {
            lock (_gate)
                return _closed + _covered.Sum(interval => interval.To - interval.From);
        }
    }

    private double _closed;

    public void Dispose() => _listener.Dispose();

    private void Add(double seconds)
    {
        lock (_gate)
        {
            double to = Elapsed, from = Math.Max(0, to - seconds);
            // Ends come in order, so that an interval can only reach back over the last ones.
            while (_covered.Count > 0 && _covered[^1].To >= from)
            {
                from = Math.Min(from, _covered[^1].From);
                _covered.RemoveAt(_covered.Count - 1);
            }

            _covered.Add((from, to));
            // No step takes as long as so many others.
            if (_covered.Count > 4096)
            {
                _closed += _covered.Take(2048).Sum(interval => interval.To - interval.From);
                _covered.RemoveRange(0, 2048);
            }
        }
    }
}
