namespace RecursiveMas.Runs;

/// <summary>Finds the tools of each agent that writes, and asks whether they can be used.</summary>
internal static class ToolCheck
{
    /// <exception cref="InvalidOptionException">Tools are given to an agent that does not write.</exception>
    /// <exception cref="RecursiveMasException">A tool forbids the run to go on without it.</exception>
    public static async Task<IReadOnlyDictionary<string, AgentTools>> RequireAsync(MasGraph graph, RunRequest request, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, AgentTools>(StringComparer.Ordinal);
        if (request.Tools is not { } options)
            return found;
        RequireWriters(graph, request, options);
        var asked = new Dictionary<IMasTool, string?>(ReferenceEqualityComparer.Instance);
        foreach (string agent in graph.Agents)
        {
            IReadOnlyList<IMasTool> tools = options.Of(agent, agent == graph.Writer);
            if (tools.Count == 0)
                continue;
            var unavailable = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (IMasTool tool in tools)
            {
                if (!asked.TryGetValue(tool, out string? reason))
                    asked[tool] = reason = await tool.CheckAsync(cancellationToken).ConfigureAwait(false);
                if (reason is not null)
                    unavailable[tool.Name] = reason;
            }

            found[agent] = new AgentTools(tools.ToDictionary(tool => tool.Name, StringComparer.Ordinal), unavailable, options);
        }

        return found;
    }

    private static void RequireWriters(MasGraph graph, RunRequest request, ToolOptions options)
    {
        foreach (string agent in options.AgentTools.Keys)
        {
            if (!graph.Agents.Contains(agent))
            {
                throw new InvalidOptionException(
                    nameof(ToolOptions.AgentTools),
                    $"names the agent '{agent}', which the system does not have. Agents: {string.Join(", ", graph.Agents)}.");
            }

            if (agent != graph.Writer && request.Channel != MasChannel.Text && options.AgentTools[agent].Count > 0)
            {
                throw new InvalidOptionException(
                    nameof(ToolOptions.AgentTools),
                    $"gives tools to '{agent}', which only thinks on the channel '{request.Channel}'. Use the text channel, or give them to '{graph.Writer}'.");
            }
        }
    }
}
