using System.Text;
using RecursiveMas.Runs;

namespace RecursiveMas.Tools;

/// <summary>
/// Lets an agent write with tools: it writes until a call is complete, the tool runs, the agent reads the result into the same session and writes on.
/// Nothing is read twice, and only what the agent writes counts towards its limit.
/// </summary>
internal sealed class ToolLoop(AgentTurn turn, AgentTools tools)
{
    private readonly StringBuilder _text = new(), _said = new();
    private readonly List<int> _ids = [];
    private readonly ToolRunner _runner = new(turn, tools, asReference: false);
    private int _calls;
    private bool _limitReached, _contextFull;

    public async Task<ToolText> WriteAsync(WriteOptions options, CancellationToken cancellationToken)
    {
        IAgentSession session = await turn.ReadAsync(cancellationToken).ConfigureAwait(false);
        var room = new ContextRoom(turn, session);
        for (int segment = 0; ; segment++)
        {
            int left = options.MaxNewTokens - _ids.Count;
            WrittenText written = await turn.WriteAsync(session, Segment(options, segment, Math.Min(left, room.Left)), cancellationToken).ConfigureAwait(false);
            _text.Append(written.Text);
            _said.Append(written.Text);
            _ids.AddRange(written.TokenIds);
            _contextFull |= written.Finish == FinishReason.MaxNewTokens && _ids.Count < options.MaxNewTokens;
            if (_limitReached || ToolProtocol.FindCall(written.Text, tools.Names) is not { } call)
                return End(written.Finish, ToolProtocol.IsOpen(written.Text, tools.Names) && !_limitReached);
            RequireEnd(written.Text, call);
            await RunAsync(session, room, call, cancellationToken).ConfigureAwait(false);
            if (_ids.Count >= options.MaxNewTokens || _contextFull)
                return End(FinishReason.MaxNewTokens, openCall: false);
        }
    }

    private WriteOptions Segment(WriteOptions options, int segment, int most) => options with
    {
        MaxNewTokens = Math.Max(1, most),
        Key = segment == 0 ? options.Key : $"{options.Key}/{segment}",
        StopRule = _limitReached ? null : () => new CallStop(tools.Names),
        Sampling = options.Sampling.MinNewTokens is { } least
            ? options.Sampling with { MinNewTokens = Math.Max(0, least - _ids.Count) }
            : options.Sampling,
    };

    private async Task RunAsync(IAgentSession session, ContextRoom room, ToolCall call, CancellationToken cancellationToken)
    {
        if (++_calls <= tools.Options.MaxCalls)
        {
            _text.Append(await _runner.RunAsync(call, _calls, result => ReadAsync(session, room, result, cancellationToken), cancellationToken)
                .ConfigureAwait(false));
        }
        else
        {
            _limitReached = true;
            string notice = ToolProtocol.LimitNotice(tools.Options.MaxCalls);
            ToolRunner.ReadResult read = await ReadAsync(session, room, notice, cancellationToken).ConfigureAwait(false);
            _text.Append(read.Inserted);
            turn.Record.Emit(new ToolLimitReached
            {
                Agent = turn.Name,
                Round = turn.Round,
                MaxCalls = tools.Options.MaxCalls,
                Inserted = read.Inserted,
            });
        }

        // Two calls never run into one word.
        _said.Append('\n');
    }

    private async Task<ToolRunner.ReadResult> ReadAsync(IAgentSession session, ContextRoom room, string result, CancellationToken cancellationToken)
    {
        string cut = room.Fit(result, tools.Options.MaxResultChars), inserted = ToolProtocol.Format(cut);
        if (!room.Holds(cut))
        {
            _contextFull = true;
            return new ToolRunner.ReadResult(cut, inserted, 0);
        }

        PromptRead read = await session.AppendAsync([PromptPart.Given(inserted)], cancellationToken).ConfigureAwait(false);
        turn.Count(read);
        return new ToolRunner.ReadResult(cut, inserted, read.Positions);
    }

    private void RequireEnd(string text, ToolCall call)
    {
        if (call.End < text.Length)
        {
            throw new GraphException(
                $"The agent '{turn.Name}' wrote on behind a complete call of '{call.Tool}'. " +
                $"Let its session end texts where {nameof(WriteOptions)}.{nameof(WriteOptions.StopRule)} says.");
        }
    }

    private ToolText End(FinishReason finish, bool openCall) => new(new WrittenText(_text.ToString(), _ids, finish), _said.ToString())
    {
        LimitReached = _limitReached,
        OpenCall = openCall,
        ContextFull = _contextFull,
    };
}
