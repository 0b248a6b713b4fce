using RecursiveMas.Runs;
using RecursiveMas.Shared;
using RecursiveMas.Tools;

namespace RecursiveMas.Channels;

/// <summary>Each agent writes, and its text stands in the slots.</summary>
internal sealed class TextChannel(RunRequest request) : Channel
{
    public override StageAction Action => StageAction.Write;

    public override (AgentPrompt Prompt, IReadOnlyDictionary<string, LatentBlock> Blocks) Fill(
        AgentPrompt prompt,
        IReadOnlyDictionary<string, HopMessage> arrived) =>
        (prompt.WithSlotTexts(arrived.ToDictionary(message => message.Key, message => message.Value.Text!, StringComparer.Ordinal)),
            new Dictionary<string, LatentBlock>());

    public override async Task<HopMessage[]> SendAsync(AgentTurn turn, CancellationToken cancellationToken)
    {
        ToolText written = await ToolWriter.WriteAsync(
            turn,
            request,
            new WriteOptions
            {
                MaxNewTokens = request.MaxNewTokens,
                Sampling = request.Sampling,
                Seed = request.Seed,
                Key = $"{turn.QuestionKey}/{turn.Name}/{turn.Round}",
            },
            cancellationToken).ConfigureAwait(false);
        string text = TextTrim.Both(written.Written.Text);
        return [.. turn.Outgoing.Select(_ => new HopMessage(text))];
    }
}
