using RecursiveMas.Runs;

namespace RecursiveMas.Tools;

/// <summary>Lets an agent read its prompt and write, with tools if it has any.</summary>
internal static class ToolWriter
{
    public static async Task<ToolText> WriteAsync(AgentTurn turn, RunRequest request, WriteOptions options, CancellationToken cancellationToken)
    {
        if (turn.Tools is { } tools)
        {
            return request.ReferenceTools
                ? await new ReferenceWriter(turn, tools).WriteAsync(options, cancellationToken).ConfigureAwait(false)
                : await new ToolLoop(turn, tools).WriteAsync(options, cancellationToken).ConfigureAwait(false);
        }

        IAgentSession session = await turn.ReadAsync(cancellationToken).ConfigureAwait(false);
        WrittenText written = await turn.WriteAsync(session, options, cancellationToken).ConfigureAwait(false);
        return new ToolText(written, written.Text);
    }
}
