using System.Diagnostics;

namespace RecursiveMas.Layers;

/// <summary>What a managed step does, for a profile. Waiting for the other threads at the end of a phase is part of the phase.</summary>
internal enum StepPhase
{
    Norms,
    Projections,
    Attention,
    OutputProjection,
    GateUp,
    Down,
}

/// <summary>Where the time of the calling thread goes, over all steps that it runs.</summary>
internal sealed class StepProfile
{
    private readonly long[] _ticks = new long[Enum.GetValues<StepPhase>().Length];
    private long _last;

    /// <summary>Microseconds so far.</summary>
    public double this[StepPhase phase] => _ticks[(int)phase] * 1e6 / Stopwatch.Frequency;

    public void Begin() => _last = Stopwatch.GetTimestamp();

    /// <summary>Counts the time since the last call.</summary>
    public void Add(StepPhase phase)
    {
        long now = Stopwatch.GetTimestamp();
        _ticks[(int)phase] += now - _last;
        _last = now;
    }
}
