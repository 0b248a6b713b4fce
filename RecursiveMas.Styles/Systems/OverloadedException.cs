namespace RecursiveMas;

/// <summary>The system runs as many questions as allowed, and the queue is full. Ask again later.</summary>
public class OverloadedException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="running">Questions that are running.</param>
    /// <param name="waiting">Questions that are waiting.</param>
    public OverloadedException(int running, int waiting)
        : base(
            $"{running} {(running == 1 ? "question is" : "questions are")} running and " +
            $"{waiting} {(waiting == 1 ? "is" : "are")} waiting, which is all that {nameof(MasOptions.MaxConcurrency)} and " +
            $"{nameof(MasOptions.MaxQueue)} allow. Ask again later, or raise these options.")
    {
        Running = running;
        Waiting = waiting;
    }

    /// <summary>Questions that are running.</summary>
    public int Running { get; }

    /// <summary>Questions that are waiting.</summary>
    public int Waiting { get; }
}
