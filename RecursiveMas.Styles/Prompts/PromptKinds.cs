namespace RecursiveMas.Prompts;

/// <summary>Which kinds of questions a source has prompts for.</summary>
internal static class PromptKinds
{
    /// <summary>Whether every agent has a prompt of a kind for the first round.</summary>
    public static bool Has(IPromptSource prompts, MasGraph graph, TaskKind kind)
    {
        var question = new MasQuestion("?") { Kind = kind };
        try
        {
            foreach (string agent in graph.Agents)
                prompts.GetPrompt(agent, 1, question);
            return true;
        }
        catch (PromptException)
        {
            return false;
        }
    }
}
