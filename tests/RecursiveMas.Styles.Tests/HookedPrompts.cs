using System.Collections.Concurrent;
using RecursiveMas.Catalogue;

namespace RecursiveMas.Styles.Tests;

/// <summary>Prompts that call back whenever one is asked for: a way into a run that is under way.</summary>
internal sealed class HookedPrompts(IPromptSource prompts, Action<string, int> asked) : IPromptSource
{
    private readonly ConcurrentDictionary<(string Agent, int Round, string Question), bool> _measured = new();

    public AgentPrompt GetPrompt(string agent, int round, MasQuestion question)
    {
        // Before a run begins every prompt is measured once.
        if (!_measured.TryAdd((agent, round, question.Id ?? question.Text), true))
            asked(agent, round);
        return prompts.GetPrompt(agent, round, question);
    }

    public string? GetAnswerPass(MasQuestion question) => prompts.GetAnswerPass(question);

    /// <summary>The embedded tiny system with such prompts.</summary>
    public static MasSystem Load(Action<string, int> asked) =>
        MasSystem.Load(SystemFixture.Name, new MasOptions { Prompts = new HookedPrompts(StyleCatalogue.Find(SystemFixture.Name).Prompts, asked) });
}
