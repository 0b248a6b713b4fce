using System.Collections.Concurrent;

namespace RecursiveMas.Hub.Tests;

/// <summary>A clock on which waits are over at once, and are written down.</summary>
internal sealed class InstantClock : TimeProvider
{
    /// <summary>How long was waited, in order.</summary>
    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
            Waits.Enqueue(dueTime);
        return base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.FromMilliseconds(1), period);
    }
}
