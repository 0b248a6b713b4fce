using System.Text;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Mas;

/// <summary>Options of a run that change prompts and texts do so in every style.</summary>
public sealed class RunOptionTests : IDisposable
{
    private const string NoThoughts = "<think>\n\n</think>\n\n";
    private const int Before = 2;

    private readonly StyleFolders _folders = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<string>> Styles() => Goldens.Subfolders("mas");

    public void Dispose() => _folders.Dispose();

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task An_answer_pass_has_as_many_tokens_as_are_asked_for(string style)
    {
        string folder = _folders.Plain(style);
        foreach ((MasCompatibility compatibility, TaskKind kind, int? asked, int expected) in ((MasCompatibility, TaskKind, int?, int)[])
            [
                (MasCompatibility.Default, TaskKind.Math, null, 16), (MasCompatibility.Default, TaskKind.Math, 5, 5),
                (MasCompatibility.Default, TaskKind.Code, 5, 5), (MasCompatibility.Reference, TaskKind.Math, null, 16),
                (MasCompatibility.Reference, TaskKind.Choice, 5, 5), (MasCompatibility.Reference, TaskKind.Code, null, 256),
                // As in the reference, which gives code that many at least.
                (MasCompatibility.Reference, TaskKind.Code, 5, 256), (MasCompatibility.Reference, TaskKind.Code, 260, 260),
            ])
        {
            await using MasSystem mas = await MasSystem.LoadAsync(folder, Options() with { Compatibility = compatibility }, cancellationToken: Token);
            var question = new MasQuestion("Add 3 and 4.") { Kind = kind };
            MasAnswer answer = await mas.AskAsync(question, new AskOptions { AnswerPassTokens = asked }, Token);
            Assert.True(answer.AnswerPassRan);
            Assert.Equal((Before + expected, compatibility, kind, asked), (answer.TokenIds.Count, compatibility, kind, asked));
        }

        // What the system was loaded with holds where the call says nothing, for further answers, too.
        await using MasSystem loaded = await MasSystem.LoadAsync(folder, Options() with { AnswerPassTokens = 3 }, cancellationToken: Token);
        MasAnswer two = await loaded.AskAsync(new MasQuestion("Add 3 and 4."), new AskOptions { AlternativeSeeds = [1] }, Token);
        Assert.Equal([Before + 3, Before + 3], [two.TokenIds.Count, Assert.Single(two.Alternatives).TokenIds.Count]);
        InvalidOptionException error = await Assert.ThrowsAsync<InvalidOptionException>(
            () => loaded.AskAsync(new MasQuestion("Add 3 and 4."), new AskOptions { AnswerPassTokens = 0 }, Token));
        Assert.Equal(nameof(AskOptions.AnswerPassTokens), error.Option);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task Thinking_changes_the_prompts_of_agents_whose_template_knows_it_and_no_others(string style)
    {
        await using MasSystem mas = await MasSystem.LoadAsync(
            _folders.Plain(style), Options() with { Rounds = 2, AnswerPass = false }, cancellationToken: Token);
        var question = new MasQuestion("Add 3 and 4.");
        MasAnswer published = await mas.AskAsync(question, new AskOptions(), Token),
            off = await mas.AskAsync(question, new AskOptions { EnableThinking = false }, Token),
            on = await mas.AskAsync(question, new AskOptions { EnableThinking = true }, Token);
        Assert.Equal(published.Usage.PromptTokens, off.Usage.PromptTokens);
        Assert.Equal(published.TokenIds, off.TokenIds);
        int knowing = 0;
        foreach ((string name, IAgent one) in mas.Agents)
        {
            var agent = (LatentAgent)one;
            AgentPrompt prompt = mas.PromptSource.GetPrompt(name, 1, question), thinking = prompt with { EnableThinking = true };
            string text = agent.Render(prompt, slot => $"[{slot}]"), thinkingText = agent.Render(thinking, slot => $"[{slot}]");
            bool knows = Template(mas.AgentFolders[name]).Contains("enable_thinking", StringComparison.Ordinal);
            knowing += knows ? 1 : 0;
            // Whether it ends with what the template adds to the header of the assistant, or with the header itself.
            Assert.Equal(text, knows ? thinkingText + NoThoughts : thinkingText);
            Assert.All(prompt.Slots, slot => Assert.Contains($"[{slot}]", text, StringComparison.Ordinal));
            int saved = agent.Measure(prompt)!.Value.Positions - agent.Measure(thinking)!.Value.Positions;
            Assert.Equal(knows, saved > 0);
            Assert.Equal(
                saved * on.Stages.Count(stage => stage.Agent == name),
                off.Usage.ByAgent[name].PromptTokens - on.Usage.ByAgent[name].PromptTokens);
        }

        Assert.True(knowing > 0);
        // The same as an option of the system.
        await using MasSystem always = await MasSystem.LoadAsync(
            _folders.Plain(style), Options() with { Rounds = 2, AnswerPass = false, EnableThinking = true }, cancellationToken: Token);
        MasAnswer loaded = await always.AskAsync(question, new AskOptions(), Token);
        Assert.Equal((on.Usage.PromptTokens, on.Text), (loaded.Usage.PromptTokens, loaded.Text));
    }

    private static string Template(CheckpointFolder folder)
    {
        using Stream stream = folder.OpenRead("chat_template.jinja");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static MasOptions Options() => new()
    {
        Rounds = 1,
        LatentSteps = 2,
        MaxNewTokens = Before,
        Dtype = ModelDtype.Float32,
        // No text ends by itself.
        Sampling = new SamplingOptions { DoSample = false, MinNewTokens = 1000 },
    };
}
