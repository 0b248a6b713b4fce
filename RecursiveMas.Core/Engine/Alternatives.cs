using System.Diagnostics;
using Microsoft.Extensions.Logging;
using RecursiveMas.Runs;
using RecursiveMas.Tools;

namespace RecursiveMas.Engine;

/// <summary>Further answers from the same thoughts: each is written in a fork of the session that has read the writer's prompt.</summary>
/// <param name="request">The run; it holds their seeds.</param>
/// <param name="tools">The tools of each agent.</param>
/// <param name="logger">Receives what goes wrong with tools.</param>
internal sealed class Alternatives(RunRequest request, IReadOnlyDictionary<string, AgentTools> tools, ILogger logger) : IAsyncDisposable
{
    private readonly List<AgentTurn> _turns = [];
    private Task<MasAlternative[]>? _writing;
    private CancellationTokenSource? _stop;

    /// <summary>Reads the prompt and forks the session that holds it, where there are alternatives; returns the turn of the first answer.</summary>
    public async Task<AgentTurn> PrepareAsync(AgentTurn turn, CancellationToken cancellationToken)
    {
        if (request.AlternativeSeeds.Count == 0)
            return turn;
        // The reference reads its prompt anew for every piece of a text with tools.
        bool forks = turn.Tools is null || !request.ReferenceTools;
        IAgentSession? session = forks ? await turn.ReadAsync(cancellationToken).ConfigureAwait(false) : null;
        foreach (long _ in request.AlternativeSeeds)
        {
            var sessions = new SessionSet(turn.Parts);
            _turns.Add(turn with { Sessions = sessions, Record = new RunRecord(null), IsRead = forks });
            if (session is not null)
                sessions.Add(turn.Name, session.Fork());
        }

        return turn with { IsRead = forks };
    }

    /// <summary>Writes all of them side by side.</summary>
    public Task<MasAlternative[]> WriteAsync(CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return _writing = Task.WhenAll(_turns.Zip(request.AlternativeSeeds, (turn, seed) => WriteAsync(turn, seed, _stop.Token)));
    }

    /// <summary>Stops what is still being written and frees the forks.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_writing is not null)
        {
            await _stop!.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(_writing).ConfigureAwait(false);
            _ = _writing.Exception;
            _stop.Dispose();
        }

        foreach (AgentTurn turn in _turns)
            await turn.Sessions.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<MasAlternative> WriteAsync(AgentTurn turn, long seed, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        (ToolText written, FinishedText finished) =
            await new AnswerWriter(request with { Seed = seed }, turn, logger).WriteAsync(cancellationToken).ConfigureAwait(false);
        // What a text took is counted, and so is its session's part of memory; an answer that is done needs it no more.
        await turn.Sessions.DisposeAsync().ConfigureAwait(false);
        return new MasAlternative
        {
            Seed = seed,
            Text = finished.Text,
            Extracted = finished.Answer,
            AnswerPassRan = finished.WentOn,
            TokenIds = finished.TokenIds,
            Finish = written.Written.Finish,
            Tools = written.UseOf(tools, turn.Record.Calls, logger),
            Usage = turn.Record.Usage.ByAgent.GetValueOrDefault(turn.Name, AgentUsage.None),
            Duration = Stopwatch.GetElapsedTime(began),
        };
    }
}
