namespace RecursiveMas.Loading;

/// <summary>The parts of an agent that do not depend on the task: its model, tokenizer and template.</summary>
/// <param name="Name">Name of the agent.</param>
/// <param name="Folder">Its repository.</param>
/// <param name="Steps">The step loop of its model; agents that share a model share it.</param>
/// <param name="Text">Its tokenizer and template.</param>
internal sealed record AgentModel(string Name, CheckpointFolder Folder, StepScheduler Steps, ChatTokenizer Text)
{
    public ICausalLanguageModel Model => Steps.Model;
}
