namespace RecursiveMas.Runs;

/// <summary>Agents and outer links of a system, by name and by the key of their edge.</summary>
internal sealed record SystemParts(IReadOnlyDictionary<string, IAgent> Agents, IReadOnlyDictionary<string, IRecursiveLink> Links)
{
    public IAgent Agent(string name) => Agents[name];

    /// <exception cref="GraphException">The agent only writes.</exception>
    public ILatentAgent LatentAgent(string name) => Agents[name] as ILatentAgent
        ?? throw new GraphException(
            $"The agent '{name}' only writes; latent vectors can neither come from it nor reach it. " +
            $"Use the text channel, or give an agent that implements {nameof(ILatentAgent)}.");

    /// <exception cref="GraphException">The edge has no link.</exception>
    public IRecursiveLink Link(MasEdge edge) => Links.TryGetValue(edge.Key, out IRecursiveLink? link)
        ? link
        : throw new GraphException(
            $"The edge '{edge.Key}' from {edge.From} (width {LatentAgent(edge.From).HiddenSize}) to {edge.To} (width {LatentAgent(edge.To).HiddenSize}) has " +
            "no link. " +
            "Load its link file, or use the text channel.");
}
