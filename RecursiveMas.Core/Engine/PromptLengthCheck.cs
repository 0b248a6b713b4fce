namespace RecursiveMas.Engine;

/// <summary>Refuses a run before it begins if one of its prompts is too long for its agent.</summary>
/// <param name="agent">Finds an agent by its name.</param>
/// <param name="request">The run.</param>
/// <param name="latentSteps">Vectors of a block, and steps of a rollout.</param>
internal sealed class PromptLengthCheck(Func<string, IAgent> agent, RunRequest request, int latentSteps)
{
    // Later rounds mostly repeat a prompt.
    private readonly Dictionary<(string Agent, string Prompt), PromptSize?> _measured = [];

    /// <param name="graph">The system.</param>
    /// <param name="stages">Everything that will happen.</param>
    /// <param name="cancellationToken">Checked between agents.</param>
    /// <exception cref="PromptException">A prompt is too long, or there is none; the message names agent, round and question.</exception>
    public void Require(MasGraph graph, IEnumerable<RecursionStage> stages, CancellationToken cancellationToken)
    {
        bool text = request.Channel == MasChannel.Text;
        foreach (RecursionStage stage in stages)
        {
            bool writes = text || stage.Action == StageAction.Write;
            if (!writes && latentSteps == 0)
                continue;
            foreach (string name in stage.Agents.Where(name => stage.Action == StageAction.Write || graph.EdgesFrom(name).Any()))
            {
                cancellationToken.ThrowIfCancellationRequested();
                // The last state of a rollout is handed on, but never read.
                Require(RunPrompts.Of(request, graph, name, stage.Round), name, stage.Round, text, more: writes ? 1 : latentSteps - 1);
            }
        }
    }

    private void Require(AgentPrompt prompt, string name, int round, bool text, int more)
    {
        int slots = prompt.Slots.Count();
        // How long a text will be is not known; it is at least empty.
        if (text)
            prompt = prompt.WithSlotTexts(prompt.Slots.Distinct(StringComparer.Ordinal).ToDictionary(slot => slot, _ => "", StringComparer.Ordinal));
        if (Measure(name, prompt) is not { } size)
            return;
        long taken = size.Positions + (text ? 0 : (long)slots * latentSteps);
        if (taken + more > size.MaxPositions)
        {
            throw new PromptException(
                $"The prompt of '{name}' in round {round} takes {taken} positions and {more} more are needed, but its model has {size.MaxPositions}. " +
                "Shorten the question, or take fewer latent steps.");
        }
    }

    private PromptSize? Measure(string name, AgentPrompt prompt)
    {
        (string, string) key = (name, string.Join('\u001f', [prompt.System ?? "\u001e", .. prompt.User.Select(part => $"{part.Kind}{part.Value}")]));
        if (!_measured.TryGetValue(key, out PromptSize? size))
            _measured.Add(key, size = agent(name).Measure(prompt));
        return size;
    }
}
