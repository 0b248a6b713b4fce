namespace RecursiveMas.Loading;

/// <summary>The links of one task and the engine that runs with them.</summary>
/// <param name="engine">The engine.</param>
/// <param name="links">Inner and outer links, owned by the set.</param>
internal sealed class LinkSet(RecursionEngine engine, IReadOnlyList<IRecursiveLink> links) : IDisposable
{
    public RecursionEngine Engine => engine;

    public void Dispose()
    {
        foreach (IRecursiveLink link in links)
            link.Dispose();
    }
}
