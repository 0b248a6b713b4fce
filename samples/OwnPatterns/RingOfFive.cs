namespace RecursiveMas.OwnPatterns;

/// <summary>Five agents in a ring: each reads the thoughts of the one before, and the first those of the last from round 2 on.</summary>
internal static class RingOfFive
{
    private static readonly string[] s_agents = ["reader", "planner", "worker", "checker", "writer"];

    public static StyleDefinition Definition { get; } = new()
    {
        Name = "ring_of_five",
        Description = "Five agents, each of whom hands its thoughts to the next.",
        Graph = new MasGraph(
            [.. s_agents.Select(agent => new[] { agent })],
            [.. s_agents.Select((agent, place) => new MasEdge($"from_{agent}", agent, s_agents[(place + 1) % s_agents.Length], "before"))],
            writer: "writer"),
        Repositories = s_agents.ToDictionary(agent => agent, agent => char.ToUpperInvariant(agent[0]) + agent[1..]),
        LinkRepository = "Links",
        Prompts = PromptCatalogue.Load(Path.Combine(AppContext.BaseDirectory, "ring-of-five.prompts.json")),
    };
}
