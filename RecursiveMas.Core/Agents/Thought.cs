using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What an agent thought: its states before and after the inner link.</summary>
/// <param name="states">States after the final norm, <c>[m, d]</c>; taken over.</param>
/// <param name="mapped">The same after the inner link, <c>[m, d]</c>: what outer links read; taken over.</param>
public sealed class Thought(LatentBlock states, LatentBlock mapped) : IDisposable
{
    /// <summary>States after the final norm, <c>[m, d]</c>, before the inner link.</summary>
    public LatentBlock States { get; } = Given.NotNull(states);

    /// <summary>The states after the inner link, <c>[m, d]</c>: what outer links read.</summary>
    public LatentBlock Mapped { get; } = Given.NotNull(mapped);

    /// <inheritdoc/>
    public void Dispose()
    {
        States.Dispose();
        Mapped.Dispose();
    }
}
