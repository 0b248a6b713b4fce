using System.Globalization;

namespace RecursiveMas.Conformance.Mas;

/// <summary>Hands the prompts of a recorded run to the engine; questions carry their index as identity.</summary>
internal sealed class RecordedPrompts(MasCase recorded, MasGraph graph) : IPromptSource
{
    public AgentPrompt GetPrompt(string agent, int round, MasQuestion question)
    {
        int index = int.Parse(question.Id!, CultureInfo.InvariantCulture);
        // A stage that is skipped for want of latent steps left no prompts; nobody reads what stands here.
        RecordedStage? stage = recorded.Find(agent, round) ?? recorded.Find(agent, round, writes: true)
            ?? recorded.Stages.LastOrDefault(stage => stage.Role == agent && stage.Prompts.Count > 0);
        return stage is null ? Substitute(agent, round) : Prompt(stage.Prompts[index], question.Text);
    }

    public string? GetAnswerPass(MasQuestion question) => recorded.AnswerPass;

    /// <summary>The recorded user turn as parts, cut at its markers and at the question.</summary>
    public AgentPrompt Prompt(RecordedPrompt prompt, string question)
    {
        var parts = new List<PromptPart>();
        int at = 0;
        foreach (string marker in prompt.Markers)
        {
            int found = prompt.User.IndexOf(marker, at, StringComparison.Ordinal);
            Add(parts, prompt.User[at..found], question);
            parts.Add(PromptPart.Slot(MasRoles.Slot(marker)));
            at = found + marker.Length;
        }

        Add(parts, prompt.User[at..], question);
        return new AgentPrompt(prompt.System ?? recorded.SystemText, parts);
    }

    private static void Add(List<PromptPart> parts, string text, string question)
    {
        int found = text.IndexOf(question, StringComparison.Ordinal);
        if (found < 0)
        {
            parts.Add(PromptPart.Text(text));
            return;
        }

        parts.Add(PromptPart.Text(text[..found]));
        parts.Add(PromptPart.Given(question));
        parts.Add(PromptPart.Text(text[(found + question.Length)..]));
    }

    private AgentPrompt Substitute(string agent, int round)
    {
        int own = Stage(agent);
        IEnumerable<PromptPart> slots = graph.EdgesInto(agent).Where(edge => round > 1 || Stage(edge.From) < own).Select(edge => PromptPart.Slot(edge.Slot));
        return new AgentPrompt(null, [PromptPart.Text("unused"), .. slots]);
    }

    private int Stage(string agent) => graph.Stages.Select((agents, index) => (agents, index)).First(stage => stage.agents.Contains(agent)).index;
}
