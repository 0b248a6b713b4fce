namespace RecursiveMas;

/// <summary>A system runs as many questions as it may, and as many wait as may wait. Ask again later.</summary>
public class OverloadedException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="running">Questions that run.</param>
    /// <param name="waiting">Questions that wait.</param>
    public OverloadedException(int running, int waiting)
        : base(
            $"{running} questions run and {waiting} wait, which is all that {nameof(MasOptions.MaxConcurrency)} and {nameof(MasOptions.MaxQueue)} allow. " +
            "Ask again later, or raise these options.")
    {
        Running = running;
        Waiting = waiting;
    }

    /// <summary>Questions that run.</summary>
    public int Running { get; }

    /// <summary>Questions that wait.</summary>
    public int Waiting { get; }
}
