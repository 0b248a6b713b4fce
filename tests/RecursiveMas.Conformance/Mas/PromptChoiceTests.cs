using System.Globalization;
using RecursiveMas.Catalogue;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Mas;

/// <summary>Which prompt each agent is given in each round, against the reference implementation's recorded ones.</summary>
public class PromptChoiceTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Cases() => ReferenceParityTests.Cases();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_recorded_prompt_is_the_one_that_is_chosen(string style, string name)
    {
        MasCase recorded = MasCase.Open(style, name);
        StyleDefinition definition = StyleCatalogue.Find(style);
        IPromptSource templates = new TemplatePrompts(style, Goldens.Folder("mas", "prompts.json"));
        IPromptSource asReference = definition.ReferencePrompts?.Invoke(templates) ?? templates;
        int compared = 0, mended = 0;
        foreach (RecordedStage stage in recorded.Stages.Where(stage => stage.Prompts.Count > 0))
        {
            foreach ((RecordedPrompt prompt, int index) in stage.Prompts.Select((prompt, index) => (prompt, index)))
            {
                var question = new MasQuestion(recorded.Questions[index])
                {
                    Kind = recorded.Kind,
                    FunctionName = recorded.Kind == TaskKind.Code ? string.Create(CultureInfo.InvariantCulture, $"f{index}") : null,
                };
                int round = stage.Texts.Count > 0 ? recorded.Rounds : stage.Round;
                AgentPrompt expected = new RecordedPrompts(recorded, definition.Graph).Prompt(prompt, question.Text);
                AgentPrompt chosen = asReference.GetPrompt(stage.Role, round, question);
                Assert.Equal(expected.System, chosen.System);
                Assert.Equal(Text(expected), Text(chosen));
                mended += Text(templates.GetPrompt(stage.Role, round, question)) == Text(chosen) ? 0 : 1;
                compared++;
            }
        }

        Assert.True(compared > 0);
        // The reference's planner does not learn in later rounds that the question is about code; ours does, unless told to follow it.
        bool faulty = style.StartsWith("sequential", StringComparison.Ordinal) && recorded.Kind == TaskKind.Code && recorded.Steps > 0;
        Assert.Equal(faulty ? recorded.Questions.Count * (recorded.Rounds - 1) : 0, mended);
    }

    private static string Text(AgentPrompt prompt) =>
        string.Concat(prompt.User.Select(part => part.Kind == PromptPartKind.Slot ? $"<<{part.Value}>>" : part.Value));
}
