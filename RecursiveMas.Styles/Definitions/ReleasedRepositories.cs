namespace RecursiveMas.Definitions;

/// <summary>The repositories of a released system, as the hub's catalogue names them.</summary>
internal static class ReleasedRepositories
{
    /// <summary>The repository of each agent, without the owner.</summary>
    public static IReadOnlyDictionary<string, string> OfAgents(string system) =>
        Find(system).Agents.ToDictionary(agent => agent.Role, agent => agent.Repository.Name, StringComparer.Ordinal);

    /// <summary>The repository of the outer links, without the owner.</summary>
    public static string OfLinks(string system) => Find(system).LinkRepository.Name;

    /// <summary>Whether each task has links of its own.</summary>
    public static bool HasLinksByTask(string system) => Find(system).Tasks.Count > 0;

    private static ReleasedSystem Find(string system) =>
        ReleasedSystems.TryFind(system) ?? throw new ArgumentException($"The hub's catalogue has no system '{system}'.", nameof(system));
}
