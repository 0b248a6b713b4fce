using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How a host loads a system before the first question.</summary>
public sealed class MasWarmUpOptions
{
    /// <summary>
    /// Whether the host starts only when the system is ready, and fails to start if it cannot be loaded. Default: false; it is loaded in the background while
    /// the host is already running, and who asks meanwhile waits for it.
    /// </summary>
    public bool BeforeStart { get; set; }

    /// <summary>
    /// Time after a failed try before the next one; until then everybody who wants the system learns at once why it failed.
    /// <see cref="Timeout.InfiniteTimeSpan"/> for a single try. Default: 30 seconds.
    /// </summary>
    /// <exception cref="InvalidOptionException">The time is not greater than 0.</exception>
    public TimeSpan RetryDelay
    {
        get;
        set => field = value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new InvalidOptionException(nameof(RetryDelay), $"{value} is not possible; give more than 0, or Timeout.InfiniteTimeSpan for a single try.");
    } = TimeSpan.FromSeconds(30);
}
