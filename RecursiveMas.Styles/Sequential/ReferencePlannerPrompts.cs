namespace RecursiveMas.Sequential;

/// <summary>The reference's fault: its planner does not learn in later rounds that the question is about code. Training did tell it.</summary>
internal sealed class ReferencePlannerPrompts(IPromptSource prompts) : IPromptSource
{
    public AgentPrompt GetPrompt(string agent, int round, MasQuestion question) =>
        prompts.GetPrompt(agent, round, agent == "planner" && round > 1 && question.Kind == TaskKind.Code ? question with { Kind = TaskKind.Math } : question);

    public string? GetAnswerPass(MasQuestion question) => prompts.GetAnswerPass(question);
}
