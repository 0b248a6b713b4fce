using System.Collections.Concurrent;

namespace RecursiveMas.Runs;

/// <summary>The sessions of one run, one an agent, opened when first needed.</summary>
/// <remarks>Agents of one stage use it side by side; one agent uses it once at a time.</remarks>
internal sealed class SessionSet(SystemParts parts) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, IAgentSession> _open = new(StringComparer.Ordinal);

    /// <summary>Takes over a session of an agent that has none yet.</summary>
    public void Add(string agent, IAgentSession session) => _open[agent] = session;

    /// <summary>The session of an agent.</summary>
    public async ValueTask<IAgentSession> OpenAsync(string agent, CancellationToken cancellationToken)
    {
        if (!_open.TryGetValue(agent, out IAgentSession? session))
            _open[agent] = session = await parts.Agent(agent).OpenAsync(new SessionOptions(), cancellationToken).ConfigureAwait(false);
        return session;
    }

    /// <summary>Frees the session of an agent that has done its part.</summary>
    public async ValueTask CloseAsync(string agent)
    {
        if (_open.TryRemove(agent, out IAgentSession? session))
            await session.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string agent in _open.Keys)
            await CloseAsync(agent).ConfigureAwait(false);
    }
}
