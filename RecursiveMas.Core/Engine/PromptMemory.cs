using System.Collections.Concurrent;

namespace RecursiveMas.Engine;

/// <summary>What agents keep between the stages of one run, by agent: the part of a prompt that every round has in common, already read.</summary>
/// <remarks>Agents of one stage use it side by side; one agent uses it once at a time.</remarks>
internal sealed class PromptMemory : IDisposable
{
    private readonly ConcurrentDictionary<string, IDisposable> _kept = new(StringComparer.Ordinal);

    public IDisposable? Find(string agent) => _kept.GetValueOrDefault(agent);

    /// <summary>Keeps something in place of what was kept before.</summary>
    public void Keep(string agent, IDisposable what)
    {
        if (_kept.TryRemove(agent, out IDisposable? before))
            before.Dispose();
        _kept[agent] = what;
    }

    public void Dispose()
    {
        foreach (IDisposable what in _kept.Values)
            what.Dispose();
        _kept.Clear();
    }
}
