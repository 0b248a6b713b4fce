using RecursiveMas.Runs;

namespace RecursiveMas.Tools;

/// <summary>Lets an agent write as the reference does: prompt and text are read anew for every segment. A question is a batch of its own.</summary>
internal sealed class ReferenceWriter(AgentTurn turn, AgentTools tools)
{
    private readonly List<int> _ids = [];
    private readonly ToolRunner _runner = new(turn, tools, asReference: true);
    private FinishReason _finish;
    private int _segment;

    public async Task<ToolText> WriteAsync(WriteOptions options, CancellationToken cancellationToken)
    {
        var loop = new ReferenceLoop(
            tools.Names,
            tools.Options.MaxCalls,
            (_, texts, budget, token) => GenerateAsync(options with { MaxNewTokens = budget }, texts[0], token),
            (_, call, number, token) => _runner.RunAsync(call, number, Cut, token));
        ReferenceLoop.Row row = (await loop.WriteAsync(1, 1, options.MaxNewTokens, cancellationToken).ConfigureAwait(false))[0];
        return new ToolText(new WrittenText(row.Output, _ids, row.Budget <= 0 ? FinishReason.MaxNewTokens : _finish), row.Output)
        {
            LimitReached = row.LimitReached,
            OpenCall = ToolProtocol.IsOpen(row.Text, tools.Names, row.Cursor),
        };
    }

    private async Task<ReferenceGeneration> GenerateAsync(WriteOptions options, string text, CancellationToken cancellationToken)
    {
        await turn.Sessions.CloseAsync(turn.Name).ConfigureAwait(false);
        IAgentSession session = await turn.Sessions.OpenAsync(turn.Name, cancellationToken).ConfigureAwait(false);
        int positions = (await turn.ReadAsync(session, cancellationToken).ConfigureAwait(false)).Positions;
        if (text.Length > 0)
        {
            PromptRead more = await session.AppendAsync([PromptPart.Given(text)], cancellationToken).ConfigureAwait(false);
            turn.Count(more);
            positions += more.Positions;
        }

        var stop = new ReferenceStop(tools.Names, positions);
        WrittenText written = await turn.WriteAsync(
            session,
            options with { StopRule = () => stop, Key = _segment == 0 ? options.Key : $"{options.Key}/{_segment}" },
            cancellationToken).ConfigureAwait(false);
        _segment++;
        _ids.AddRange(written.TokenIds);
        _finish = written.Finish;
        // An agent without tokens is charged one a segment, so that every loop ends.
        int charged = Math.Max(1, written.TokenIds.Count);
        return new ReferenceGeneration([new ReferenceRow(written.Text, written.Finish == FinishReason.EndOfSequence, charged)], stop.Stopped);
    }

    private Task<ToolRunner.ReadResult> Cut(string result)
    {
        string cut = ToolProtocol.Cut(result, tools.Options.MaxResultChars);
        return Task.FromResult(new ToolRunner.ReadResult(cut, ToolProtocol.Format(cut), 0));
    }
}
