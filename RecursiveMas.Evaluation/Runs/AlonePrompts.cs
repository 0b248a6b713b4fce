namespace RecursiveMas.Runs;

/// <summary>What an agent alone reads: the system text of its role, the question, and the form of the answer.</summary>
/// <param name="prompts">Prompts of the whole system.</param>
/// <param name="agent">The agent.</param>
internal sealed class AlonePrompts(IPromptSource prompts, string agent) : IPromptSource
{
    /// <summary>Goes into manifests; changes with the words below.</summary>
    public const string Version = "1";

    public AgentPrompt GetPrompt(string agent1, int round, MasQuestion question) =>
        new(prompts.GetPrompt(agent, 1, question).System, [PromptPart.Given(question.Text), PromptPart.Text("\n\n" + Form(question))]);

    public string? GetAnswerPass(MasQuestion question) => prompts.GetAnswerPass(question);

    private static string Form(MasQuestion question) => question.Kind switch
    {
        TaskKind.Math => @"Think it through step by step, then give the final answer in \boxed{}.",
        TaskKind.Choice => @"Think it through step by step, then give the letter of the right option in \boxed{}.",
        TaskKind.Code when question.WholeProgram => "Write a Python program that reads standard input, in one block of code.",
        TaskKind.Code when question.FunctionName is { } name => $"Write the Python function {name}, in one block of code.",
        TaskKind.Code => "Write it in Python, in one block of code.",
        _ => "Answer briefly.",
    };
}
