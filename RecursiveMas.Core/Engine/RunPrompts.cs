namespace RecursiveMas.Engine;

/// <summary>The prompts of a run: those of its source, with what belongs to the conversation and not to a role.</summary>
internal static class RunPrompts
{
    private const string BlankLine = "\n\n";

    /// <summary>What an agent reads in a round.</summary>
    /// <param name="request">The run.</param>
    /// <param name="graph">The system.</param>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="round">The round, from 1.</param>
    /// <exception cref="PromptException">There is no prompt for this agent, round and kind of question.</exception>
    public static AgentPrompt Of(RunRequest request, MasGraph graph, string agent, int round)
    {
        AgentPrompt prompt = request.Prompts.GetPrompt(agent, round, request.Question);
        if (request.EnableThinking && !prompt.EnableThinking)
            prompt = prompt with { EnableThinking = true };
        string?[] instructions =
        [
            prompt.Instructions,
            request.Question.Instructions,
            request.Tools?.Describe(agent, agent == graph.Writer),
        ];
        string all = string.Join(BlankLine, instructions.Where(text => !string.IsNullOrEmpty(text)));
        return all.Length == 0 && request.Question.History.Count == 0
            ? prompt
            : prompt with { Instructions = all.Length == 0 ? null : all, History = [.. prompt.History, .. request.Question.History] };
    }
}
