namespace RecursiveMas.Engine;

/// <summary>Checks that the slots of an agent's prompt are exactly those that edges have filled.</summary>
internal static class SlotCheck
{
    public static void Require(string agent, int round, AgentPrompt prompt, IReadOnlyList<MasEdge> arrived)
    {
        string[] slots = [.. prompt.Slots];
        if (slots.Distinct(StringComparer.Ordinal).Count() != slots.Length)
            throw new PromptException($"The prompt of '{agent}' in round {round} has a slot twice ({string.Join(", ", slots)}). Each slot stands once.");
        foreach (string slot in slots)
        {
            if (arrived.All(edge => edge.Slot != slot))
                throw new PromptException(
                    $"The prompt of '{agent}' in round {round} has the slot '{slot}', which no edge has filled. Filled: {Names(arrived)}.");
        }

        foreach (MasEdge edge in arrived)
        {
            if (!slots.Contains(edge.Slot))
            {
                throw new PromptException(
                    $"The prompt of '{agent}' in round {round} has no slot '{edge.Slot}', so what came over the edge '{edge.Key}' would be lost. " +
                    "Add the slot to the prompt.");
            }
        }
    }

    private static string Names(IReadOnlyList<MasEdge> arrived) =>
        arrived.Count == 0 ? "none" : string.Join(", ", arrived.Select(edge => edge.Slot));
}
