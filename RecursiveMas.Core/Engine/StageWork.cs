namespace RecursiveMas.Engine;

/// <summary>One agent's part of a stage.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="Prompts">One prompt a question.</param>
/// <param name="Arrived">Edges whose parcels the prompts read.</param>
/// <param name="Outgoing">Edges that receive what the agent hands over.</param>
internal sealed record StageWork(IAgent Agent, int Round, IReadOnlyList<AgentPrompt> Prompts, IReadOnlyList<MasEdge> Arrived, IReadOnlyList<MasEdge> Outgoing)
{
    public string Name => Agent.Name;

    /// <summary>Whether the agent acts again later in the run.</summary>
    public bool ActsAgain { get; init; }
}

/// <summary>Checks that the slots of an agent's prompts are exactly those that edges have filled.</summary>
internal static class SlotCheck
{
    public static void Require(string agent, int round, IReadOnlyList<AgentPrompt> prompts, IReadOnlyList<MasEdge> arrived)
    {
        for (int row = 0; row < prompts.Count; row++)
        {
            string[] slots = [.. prompts[row].Slots];
            if (slots.Distinct(StringComparer.Ordinal).Count() != slots.Length)
                throw new PromptException($"The prompt of '{agent}' in round {round} has a slot twice ({string.Join(", ", slots)}). Each slot stands once.");
            foreach (string slot in slots)
            {
                if (arrived.All(edge => edge.Slot != slot))
                    throw new PromptException($"The prompt of '{agent}' in round {round} has the slot '{slot}', which no edge has filled. Filled: {Names(arrived)}.");
            }

            foreach (MasEdge edge in arrived)
            {
                if (!slots.Contains(edge.Slot))
                    throw new PromptException($"The prompt of '{agent}' in round {round} has no slot '{edge.Slot}', so what came over the edge '{edge.Key}' would be lost. Add the slot to the prompt.");
            }
        }
    }

    private static string Names(IReadOnlyList<MasEdge> arrived) =>
        arrived.Count == 0 ? "none" : string.Join(", ", arrived.Select(edge => edge.Slot));
}

/// <summary>Counts what agents use, by question; agents of one stage count concurrently.</summary>
internal sealed class UsageCounter(int rows)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, AgentUsage>[] _byRow = [.. Enumerable.Range(0, rows).Select(_ => new Dictionary<string, AgentUsage>(StringComparer.Ordinal))];

    public void Add(int row, string agent, AgentUsage more)
    {
        lock (_gate)
            _byRow[row][agent] = _byRow[row].GetValueOrDefault(agent, AgentUsage.None).Plus(more);
    }

    public MasUsage Of(int row)
    {
        lock (_gate)
            return new MasUsage(new Dictionary<string, AgentUsage>(_byRow[row], StringComparer.Ordinal));
    }
}
