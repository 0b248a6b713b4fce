using System.Runtime.CompilerServices;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>A system without models: an adviser tells a speaker something, and the speaker answers. What both are asked is kept.</summary>
internal static class SmallTalk
{
    public static StyleDefinition Definition { get; } = new()
    {
        Name = "small_talk",
        Description = "An adviser and a speaker without models.",
        Graph = new MasGraph(
            [["adviser"], ["speaker"]],
            [new MasEdge("advice", "adviser", "speaker", "advice"), new MasEdge("back", "speaker", "adviser", "back")],
            writer: "speaker"),
        Prompts = new Prompts(),
    };

    /// <summary>A speaker that says words one by one.</summary>
    public static TextAgent Speaker(Func<TextRequest, string> say, List<TextRequest>? asked = null) => new("speaker", (request, token) =>
    {
        asked?.Add(request);
        return Words(say(request), token);
    });

    public static TextAgent Adviser(List<TextRequest>? asked = null) => new("adviser", (request, token) =>
    {
        asked?.Add(request);
        return Words("Be kind.", token);
    });

    public static Task<MasSystem> LoadAsync(IAgent speaker, IAgent? adviser = null, Action<MasOptions>? configure = null)
    {
        var options = new MasOptions
        {
            Channel = MasChannel.Text,
            Rounds = 1,
            Agents = { ["adviser"] = adviser ?? Adviser(), ["speaker"] = speaker },
        };
        configure?.Invoke(options);
        return MasSystem.LoadAsync(Definition, folder: null, options);
    }

    private static async IAsyncEnumerable<string> Words(string text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string word in text.Split(' '))
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return word == text.Split(' ')[0] ? word : " " + word;
        }
    }

    private sealed class Prompts : IPromptSource
    {
        public AgentPrompt GetPrompt(string agent, int round, MasQuestion question) => agent == "adviser"
            ? new AgentPrompt("Advise.", round == 1
                ? [PromptPart.Given(question.Text)]
                : [PromptPart.Given(question.Text), PromptPart.Text("\n"), PromptPart.Slot("back")])
            : new AgentPrompt(null, [PromptPart.Given(question.Text), PromptPart.Text("\n"), PromptPart.Slot("advice")]);
    }
}
