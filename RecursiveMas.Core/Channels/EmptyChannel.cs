using RecursiveMas.Runs;
namespace RecursiveMas.Channels;

/// <summary>Nobody thinks, and blocks without vectors cross the edges.</summary>
internal sealed class EmptyChannel : Channel
{
    public override StageAction Action => StageAction.Think;

    public override (AgentPrompt Prompt, IReadOnlyDictionary<string, LatentBlock> Blocks) Fill(
        AgentPrompt prompt,
        IReadOnlyDictionary<string, HopMessage> arrived) =>
        (prompt, Blocks(arrived));

    public override Task<HopMessage[]> SendAsync(AgentTurn turn, CancellationToken cancellationToken) =>
        Task.FromResult<HopMessage[]>([.. turn.Outgoing.Select(edge => new HopMessage(LatentBlock.Empty(turn.Parts.LatentAgent(edge.To).HiddenSize)))]);
}
