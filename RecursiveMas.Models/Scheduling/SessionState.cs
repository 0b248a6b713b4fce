using static TorchSharp.torch;

namespace RecursiveMas.Scheduling;

/// <summary>What a session keeps on its device: its cache, what it has still to read, and the state at its last position.</summary>
/// <remarks>Touched by one call at a time, and by the step loop while a piece of work runs.</remarks>
internal sealed class SessionState : IDisposable
{
    private Tensor? _last;

    /// <summary>The cache; null before the first position.</summary>
    public ModelCache? Cache { get; set; }

    public InputQueue Unread { get; private init; } = new();

    /// <summary>[1, H], the state after the final norm at the last position; null while there is none.</summary>
    public Tensor? Last
    {
        get => _last;
        set
        {
            _last?.Dispose();
            _last = value?.DetachFromDisposeScope();
        }
    }

    /// <summary>A state that goes its own way from here.</summary>
    public SessionState Fork() => new() { Cache = Cache?.Fork(), Unread = Unread.Copy(), Last = Last?.alias() };

    public void Dispose()
    {
        Cache?.Dispose();
        Cache = null;
        Unread.Dispose();
        Last = null;
    }
}
