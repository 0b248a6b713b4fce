using RecursiveMas.Catalogue;
using Xunit;

namespace RecursiveMas.Styles.Tests.Prompts;

/// <summary>The shipped catalogues have the structure of the prompts that the published links were trained with: the same lines, in other words.</summary>
public sealed class BuiltInCatalogueTests
{
    private static readonly MasQuestion s_math = new("What is 2+2?");
    private static readonly MasQuestion s_choice = new("Pick one.\nA. x\nB. y\nC. z\nD. w") { Kind = TaskKind.Choice };
    private static readonly MasQuestion s_function = new("What is 2+2?") { Kind = TaskKind.Code, FunctionName = "f" };
    private static readonly MasQuestion s_unnamed = s_function with { FunctionName = null };
    private static readonly MasQuestion s_program = s_unnamed with { WholeProgram = true };

    public static TheoryData<string, string, int, int, int, int> NewlineCounts() => new()
    {
        // catalogue, agent, round, and newlines for a math, a choice and a code question; rounds 3 and later are worded like 2.
        { "sequential", "planner", 1, 7, 11, 9 },
        { "sequential", "planner", 2, 11, 15, 14 },
        { "sequential", "planner", 3, 11, 15, 14 },
        { "sequential", "critic", 1, 10, 14, 14 },
        { "sequential", "critic", 2, 10, 14, 14 },
        { "sequential", "solver", 1, 8, 12, 9 },
        { "sequential", "solver", 2, 8, 12, 9 },
        { "sequential-question-first", "solver", 1, 7, 11, 9 },
        { "sequential-letter-only", "solver", 1, 8, 11, 9 },
        { "mixture", "math", 1, 4, 10, 4 },
        { "mixture", "math", 2, 7, 13, 7 },
        { "mixture", "code", 1, 4, 10, 4 },
        { "mixture", "code", 2, 7, 13, 7 },
        { "mixture", "science", 1, 4, 10, 4 },
        { "mixture", "science", 3, 7, 13, 7 },
        { "mixture", "summarizer", 1, 13, 19, 13 },
        { "mixture", "summarizer", 2, 13, 19, 13 },
        { "distillation", "expert", 1, 9, 15, 9 },
        { "distillation", "expert", 2, 12, 18, 12 },
        { "distillation", "learner", 1, 8, 14, 8 },
        { "deliberation", "reflector", 1, 5, 11, 5 },
        { "deliberation", "reflector", 2, 8, 14, 8 },
        { "deliberation", "toolcaller", 1, 9, 15, 9 },
        { "deliberation", "toolcaller", 2, 9, 15, 9 },
    };

    [Theory]
    [MemberData(nameof(NewlineCounts))]
    public void PromptsHaveTheLinesOfThePublishedOnes(string catalogue, string agent, int round, int math, int choice, int code)
    {
        PromptCatalogue prompts = PromptCatalogue.BuiltIn(catalogue);
        Assert.Equal(math, Newlines(prompts.GetPrompt(agent, round, s_math)));
        Assert.Equal(choice, Newlines(prompts.GetPrompt(agent, round, s_choice)));
        foreach (MasQuestion question in new[] { s_function, s_unnamed, s_program })
            Assert.Equal(code, Newlines(prompts.GetPrompt(agent, round, question)));
    }

    [Theory]
    [InlineData("sequential", "planner", 1, "")]
    [InlineData("sequential", "planner", 2, "feedback")]
    [InlineData("sequential", "critic", 1, "plan")]
    [InlineData("sequential", "solver", 3, "refined")]
    [InlineData("mixture", "science", 1, "")]
    [InlineData("mixture", "science", 2, "feedback")]
    [InlineData("mixture", "summarizer", 1, "math code science")]
    [InlineData("distillation", "expert", 2, "feedback")]
    [InlineData("distillation", "learner", 1, "plan")]
    [InlineData("deliberation", "reflector", 2, "feedback")]
    [InlineData("deliberation", "toolcaller", 1, "reflector")]
    public void SlotsStandInTheirOrder(string catalogue, string agent, int round, string slots)
    {
        foreach (MasQuestion question in Questions())
            Assert.Equal(slots, string.Join(' ', PromptCatalogue.BuiltIn(catalogue).GetPrompt(agent, round, question).Slots));
    }

    [Fact]
    public void EverySystemHasPromptsForEveryKindItIsMadeFor()
    {
        foreach (StyleDefinition style in StyleCatalogue.All)
        {
            ((PromptCatalogue)style.Prompts).Require(style.Graph);
            foreach (string agent in style.Graph.Agents)
            {
                foreach (MasQuestion question in Questions().Where(question => !style.Name.EndsWith("_tiny", StringComparison.Ordinal)
                    || question.Kind == TaskKind.Math))
                {
                    AgentPrompt prompt = style.Prompts.GetPrompt(agent, 1, question);
                    Assert.False(string.IsNullOrEmpty(prompt.System));
                    Assert.Contains(prompt.User, part => part.Kind == PromptPartKind.Given && part.Value == question.Text);
                }
            }
        }
    }

    [Theory]
    [InlineData("mixture", "math", 1, true)]
    [InlineData("mixture", "math", 2, true)]
    [InlineData("deliberation", "reflector", 1, true)]
    [InlineData("deliberation", "reflector", 2, true)]
    [InlineData("mixture", "summarizer", 1, false)]
    [InlineData("sequential", "solver", 1, false)]
    [InlineData("distillation", "expert", 1, false)]
    [InlineData("deliberation", "toolcaller", 1, false)]
    public void OnlyPromptsThatEndInTheTaskEndWithANewline(string catalogue, string agent, int round, bool newline)
    {
        foreach (MasQuestion question in Questions())
            Assert.Equal(newline, Text(PromptCatalogue.BuiltIn(catalogue).GetPrompt(agent, round, question)).EndsWith('\n'));
    }

    [Fact]
    public void DeliberationTellsBothAgentsOfItsToolsInOneParagraph()
    {
        PromptCatalogue prompts = PromptCatalogue.BuiltIn("deliberation");
        string system = prompts.GetPrompt("reflector", 1, s_math).System!;
        Assert.All(Questions(), question => Assert.Equal(system, prompts.GetPrompt("toolcaller", 2, question).System));
        Assert.DoesNotContain('\n', system);
        Assert.All(
            new[] { "<search>", "</search>", "<python>", "</python>", "<result>", "</result>", "\\boxed{}" },
            tag => Assert.Contains(tag, system, StringComparison.Ordinal));
        Assert.InRange(system.Length, 700, 950);
    }

    [Fact]
    public void FinalInstructionsFollowTheKindOfQuestion()
    {
        string Last(MasQuestion question, string catalogue = "mixture") =>
            Text(PromptCatalogue.BuiltIn(catalogue).GetPrompt(catalogue == "mixture" ? "summarizer" : "solver", 1, question)).Split('\n')[^1];
        Assert.Contains("\\boxed{1}", Last(s_math), StringComparison.Ordinal);
        Assert.Contains("\\boxed{A}", Last(s_choice), StringComparison.Ordinal);
        Assert.Contains("\\boxed{A}", Last(s_math with { Text = s_choice.Text }), StringComparison.Ordinal);
        Assert.Contains("```python\\n", Last(s_function), StringComparison.Ordinal);
        Assert.DoesNotContain("boxed", Last(s_math with { Kind = TaskKind.Free }), StringComparison.Ordinal);
        Assert.NotEqual(Last(s_choice, "sequential"), Last(s_choice, "sequential-letter-only"));
        Assert.Equal(Last(s_math, "sequential"), Last(s_math, "sequential-letter-only"));
    }

    [Fact]
    public void AQuestionThatAsksForAChoiceIsNotAskedTwice()
    {
        PromptCatalogue prompts = PromptCatalogue.BuiltIn("mixture");
        string added = Text(prompts.GetPrompt("math", 1, s_choice));
        string asked = Text(prompts.GetPrompt("math", 1, s_choice with { Text = s_choice.Text + "\n\nCHOOSE the Correct Option now. \n " }));
        Assert.Equal(
            added.Length - s_choice.Text.Length,
            Text(prompts.GetPrompt("math", 1, s_choice with { Text = s_choice.Text + " \n\t" })).Length - s_choice.Text.Length);
        Assert.EndsWith("CHOOSE the Correct Option now.\n", asked, StringComparison.Ordinal);
        string[] lines = added.Split('\n');
        Assert.Equal(("D. w", "", ""), (lines[^4], lines[^3], lines[^1]));
    }

    [Fact]
    public void AQuestionWithPlacesInItIsInsertedLiterally()
    {
        const string Hostile = "What is {slot:math}? {question} {final} {task} {role} <<LATENT_PLANNER_SLOT>> {";
        foreach (StyleDefinition style in StyleCatalogue.All)
        {
            AgentPrompt prompt = style.Prompts.GetPrompt(style.Graph.Writer, 2, new MasQuestion(Hostile));
            Assert.Single(prompt.User, part => part == PromptPart.Given(Hostile));
            Assert.Equal(style.Graph.EdgesInto(style.Graph.Writer).Select(edge => edge.Slot), prompt.Slots);
        }
    }

    [Theory]
    [InlineData(TaskKind.Math, "boxed{")]
    [InlineData(TaskKind.Choice, "boxed{")]
    [InlineData(TaskKind.Code, "```python\n")]
    [InlineData(TaskKind.Free, null)]
    public void EveryReleasedStyleHasItsAnswerPass(TaskKind kind, string? end)
    {
        foreach (StyleDefinition style in StyleCatalogue.All.Where(style => !style.Name.EndsWith("_tiny", StringComparison.Ordinal)))
        {
            string? suffix = style.Prompts.GetAnswerPass(new MasQuestion("?") { Kind = kind });
            Assert.Equal(end is null, suffix is null);
            Assert.True(suffix is null || suffix.EndsWith(end!, StringComparison.Ordinal));
            Assert.Equal(kind == TaskKind.Code ? 3 : 0, suffix?.Count(letter => letter == '\n') ?? 0);
        }
    }

    private static IEnumerable<MasQuestion> Questions() => [s_math, s_choice, s_function, s_unnamed, s_program, s_math with { Kind = TaskKind.Free }];

    private static int Newlines(AgentPrompt prompt) => Text(prompt).Count(letter => letter == '\n');

    private static string Text(AgentPrompt prompt) =>
        string.Concat(prompt.User.Select(part => part.Kind == PromptPartKind.Slot ? $"<<{part.Value}>>" : part.Value));
}
