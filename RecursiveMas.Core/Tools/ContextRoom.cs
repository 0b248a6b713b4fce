using RecursiveMas.Runs;

namespace RecursiveMas.Tools;

/// <summary>Positions that an agent's model has left in a session.</summary>
internal sealed class ContextRoom(AgentTurn turn, IAgentSession session)
{
    private const int SmallestResult = 64;

    private readonly IAgent _agent = turn.Parts.Agent(turn.Name);
    private readonly int? _positions = turn.Parts.Agent(turn.Name).Measure(turn.Prompt)?.MaxPositions;

    /// <summary>Positions left; as many as can be counted for agents that cannot tell.</summary>
    public int Left => _positions is { } most ? Math.Max(0, most - session.Length) : int.MaxValue;

    /// <summary>Cuts a result to the limit of characters, and further until it takes at most half of what is left.</summary>
    public string Fit(string result, int maxChars)
    {
        string cut = ToolProtocol.Cut(result, maxChars);
        for (int most = Math.Min(maxChars, cut.Length) / 2; most >= SmallestResult && Size(cut) > Left / 2; most /= 2)
            cut = ToolProtocol.Cut(result, most);
        return cut;
    }

    /// <summary>Whether a result can be read at all, with something to write behind it.</summary>
    public bool Holds(string result) => Size(result) < Left;

    private int Size(string result) =>
        _agent.Measure(new AgentPrompt(null, [PromptPart.Given(ToolProtocol.Format(result))]) { Verbatim = true })?.Positions ?? 0;
}
