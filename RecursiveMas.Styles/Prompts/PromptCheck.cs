namespace RecursiveMas.Prompts;

/// <summary>Checks a catalogue against a graph when a system is loaded, so that a missing slot shows before the first question.</summary>
internal static class PromptCheck
{
    public static void Require(PromptFile file, MasGraph graph)
    {
        foreach (string agent in graph.Agents)
        {
            TaskKind[] kinds = [.. file.Entries.Where(entry => entry.Agents.Contains(agent)).SelectMany(entry => entry.Kinds).Distinct()];
            if (kinds.Length == 0)
                throw new CheckpointException(file.File, $"has no prompt for the agent '{agent}'.");
            foreach (TaskKind kind in kinds)
            {
                Require(file, agent, kind, 1, EarlierInRound(graph, agent));
                Require(file, agent, kind, 2, [.. graph.EdgesInto(agent).Select(edge => edge.Slot)]);
            }
        }
    }

    private static void Require(PromptFile file, string agent, TaskKind kind, int round, string[] slots)
    {
        string where = $"the prompt of '{agent}' for kind '{PromptFile.Word(kind)}', {(round == 1 ? "first" : "later")} round,";
        PromptEntry entry = file.Entries.FirstOrDefault(entry => entry.Fits(agent, kind, round))
            ?? throw new CheckpointException(file.File, $"{where} is missing.");
        string[] present = [.. entry.User.Slots];
        if (slots.Except(present).FirstOrDefault() is { } missing)
            throw new CheckpointException(file.File, $"{where} lacks the slot '{missing}'. Add a line {{slot:{missing}}}.");
        if (present.Except(slots).FirstOrDefault() is { } surplus)
            throw new CheckpointException(file.File, $"{where} has the slot '{surplus}', which no edge fills then. Slots that are filled: " +
                $"{(slots.Length == 0 ? "none" : string.Join(", ", slots))}.");
        if (!entry.User.HasQuestion)
            throw new CheckpointException(file.File, $"{where} has no {{question}}.");
        if (PromptParts.Needed(entry.User, agent, kind, file.Parts).FirstOrDefault(part => !file.Parts.ContainsKey(part)) is { } part)
            throw new CheckpointException(
                file.File,
                $"{where} needs the part '{part}', which is missing. Parts: {(file.Parts.Count == 0 ? "none" : string.Join(", ", file.Parts.Keys))}.");
    }

    /// <summary>Slots that are filled in the first round: those of edges from earlier stages.</summary>
    private static string[] EarlierInRound(MasGraph graph, string agent)
    {
        int own = StageOf(graph, agent);
        return [.. graph.EdgesInto(agent).Where(edge => StageOf(graph, edge.From) < own).Select(edge => edge.Slot)];
    }

    private static int StageOf(MasGraph graph, string agent) => graph.Stages.Select((stage, index) => (stage, index)).First(s => s.stage.Contains(agent)).index;
}
