using RecursiveMas.Testing;

namespace RecursiveMas.Core.Tests.Tools;

/// <summary>One agent that writes with tools, alone in a system.</summary>
internal static class ToolConversation
{
    private static readonly MasGraph s_graph = new([["writer"]], [], "writer");

    /// <summary>Answers a call of "echo" by its input.</summary>
    public static IMasTool Echo { get; } = new MasTool("echo", (input, _) => Task.FromResult(input));

    /// <summary>An agent that writes a text in tokens of a length, going on where what it has written ends.</summary>
    public static ScriptedAgent Writer(string text, int tokenLength = 3, int? maxPositions = null) =>
        new("writer", held => Pieces(Rest(text, held), tokenLength)) { MaxPositions = maxPositions };

    public static RecursionEngine Engine(IAgent agent) =>
        new(s_graph, new Dictionary<string, IAgent> { ["writer"] = agent }, new Dictionary<string, IRecursiveLink>());

    public static RunRequest Request(ToolOptions tools, int maxNewTokens = 1000) => new()
    {
        Question = new MasQuestion("q"),
        Prompts = new Prompt(),
        Rounds = 1,
        LatentSteps = 0,
        MaxNewTokens = maxNewTokens,
        Tools = tools,
    };

    public static Task<MasAnswer> AskAsync(
        IAgent agent, ToolOptions tools, int maxNewTokens = 1000, Action<MasUpdate>? listener = null, CancellationToken cancellationToken = default) =>
        Engine(agent).RunAsync(Request(tools, maxNewTokens), listener, cancellationToken);

    public static IEnumerable<string> Pieces(string text, int length) => text.Chunk(length).Select(letters => new string(letters));

    /// <summary>What of a text is still to be written: results are not the agent's own.</summary>
    private static string Rest(string text, string held)
    {
        string own = held["prompt:".Length..];
        while (own.IndexOf(" <result> ", StringComparison.Ordinal) is >= 0 and int open)
            own = own.Remove(open, own.IndexOf("</result>", open, StringComparison.Ordinal) + "</result>".Length - open);
        return text.StartsWith(own, StringComparison.Ordinal) ? text[own.Length..] : throw new InvalidOperationException($"'{own}' was not written");
    }

    private sealed class Prompt : IPromptSource
    {
        public AgentPrompt GetPrompt(string agent, int round, MasQuestion question) => new(null, [PromptPart.Text("prompt:")]);
    }
}
