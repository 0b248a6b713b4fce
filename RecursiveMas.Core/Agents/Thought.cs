using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>The result of latent steps: an agent's states before and after the inner link.</summary>
/// <param name="states">States after the final norm, <c>[m, d]</c>; this object owns them from here on.</param>
/// <param name="mapped">The same after the inner link, <c>[m, d]</c>: what outer links read; this object owns them from here on.</param>
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
