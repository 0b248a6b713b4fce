using RecursiveMas.Systems;

namespace RecursiveMas.Styles.Tests;

/// <summary>Prompts that call back whenever one is asked for: a way into a run that is under way.</summary>
internal sealed class HookedPrompts(IPromptSource prompts, Action<string, int> asked) : IPromptSource
{
    public AgentPrompt GetPrompt(string agent, int round, MasQuestion question)
    {
        asked(agent, round);
        return prompts.GetPrompt(agent, round, question);
    }

    public string? GetAnswerPass(MasQuestion question) => prompts.GetAnswerPass(question);

    /// <summary>The embedded tiny system with such prompts.</summary>
    public static MasSystem Load(Action<string, int> asked) =>
        MasSystem.Load(SystemFixture.Name, new MasOptions { Prompts = new HookedPrompts(StyleCatalogue.Find(SystemFixture.Name).Prompts, asked) });
}
