using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RecursiveMas.Channels;
using RecursiveMas.Runs;
using RecursiveMas.Telemetry;
using RecursiveMas.Tools;

namespace RecursiveMas.Engine;

/// <summary>The state of one run: the agents' sessions, what waits at the edges, what was used, what happened.</summary>
internal sealed class RecursionRun(
    RecursionEngine engine, RunRequest request, RunTelemetry? telemetry, Action<MasUpdate>? listener, ILogger logger) : IAsyncDisposable
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Channel _channel = Channel.Of(request);
    private readonly RunRecord _record = new(telemetry is null ? listener : telemetry.Tell + listener);
    private readonly SessionSet _sessions = new(engine.Parts);
    private readonly Dictionary<string, HopMessage> _messages = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, AgentTools> _tools = ReadOnlyDictionary<string, AgentTools>.Empty;

    public async Task<MasAnswer> RunAsync(CancellationToken cancellationToken)
    {
        RecursionStage[] stages = [.. engine.Schedule.GetStages(engine.Graph, request.Rounds)];
        var lengths = new PromptLengthCheck(engine.Parts.Agent, request, request.Channel == MasChannel.None ? 0 : request.LatentSteps);
        await Task.Run(() => lengths.Require(engine.Graph, stages, cancellationToken), cancellationToken).ConfigureAwait(false);
        _tools = await ToolCheck.RequireAsync(engine.Graph, request, cancellationToken).ConfigureAwait(false);
        for (int place = 0; place < stages.Length; place++)
        {
            RecursionStage stage = stages[place];
            cancellationToken.ThrowIfCancellationRequested();
            if (stage.Action == StageAction.Write)
                return await AnswerAsync(Turn(stage.Agents[0], stage.Round), cancellationToken).ConfigureAwait(false);

            // Agents of one stage are blind to each other: all read before any of them sends.
            AgentTurn[] turns = [.. stage.Agents.Select(agent => Turn(agent, stage.Round))];
            HopMessage[][] sent = await AllAsync([.. turns.Select(turn => ActAsync(turn, cancellationToken))]).ConfigureAwait(false);
            for (int i = 0; i < turns.Length; i++)
                Deliver(turns[i], sent[i]);
            foreach (string done in stage.Agents.Where(agent => !stages.Skip(place + 1).Any(later => later.Agents.Contains(agent))))
                await _sessions.CloseAsync(done).ConfigureAwait(false);
        }

        throw new GraphException("The schedule ended without a stage that writes. Its last stage must write the answer.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (HopMessage message in _messages.Values)
            message.Dispose();
        _messages.Clear();
        await _sessions.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<HopMessage[][]> AllAsync(Task<HopMessage[]>[] tasks)
    {
        try
        {
            return await Task.WhenAll(tasks).ConfigureAwait(false);
        }
        catch
        {
            foreach (Task<HopMessage[]> task in tasks.Where(task => task.IsCompletedSuccessfully))
            {
                foreach (HopMessage message in await task.ConfigureAwait(false))
                    message.Dispose();
            }

            throw;
        }
    }

    private AgentTurn Turn(string name, int round)
    {
        AgentPrompt prompt = RunPrompts.Of(request, engine.Graph, name, round);
        MasEdge[] arrived = [.. engine.Graph.EdgesInto(name).Where(edge => _messages.ContainsKey(edge.Key))];
        SlotCheck.Require(name, round, prompt, arrived);
        (AgentPrompt filled, IReadOnlyDictionary<string, LatentBlock> blocks) = _channel.Fill(
            prompt, arrived.ToDictionary(edge => edge.Slot, edge => _messages[edge.Key], StringComparer.Ordinal));
        if (logger.IsEnabled(LogLevel.Trace))
            logger.LogTrace("Round {Round}: {Agent} reads: {System}\n{User}", round, name, filled.System, filled.UserText);
        return new AgentTurn(
            engine.Parts, name, round, [.. engine.Graph.EdgesFrom(name)], request.Question.Id ?? "0", filled, blocks, _sessions, _record,
            _tools.GetValueOrDefault(name));
    }

    private async Task<HopMessage[]> ActAsync(AgentTurn turn, CancellationToken cancellationToken)
    {
        if (turn.Outgoing.Count == 0)
            return [];
        long started = Stopwatch.GetTimestamp();
        _record.Emit(new StageStarted { Agent = turn.Name, Round = turn.Round, Rounds = request.Rounds, Action = _channel.Action });
        telemetry?.Read(turn.Name, turn.Prompt);
        HopMessage[] sent = await _channel.SendAsync(turn, cancellationToken).ConfigureAwait(false);
        Complete(turn, _channel.Action, started);
        return sent;
    }

    private void Complete(AgentTurn turn, StageAction action, long started)
    {
        _record.Complete(turn, action, started);
        logger.LogDebug(
            "Round {Round}: {Agent}, {Action}, {Seconds:0.000} s", turn.Round, turn.Name, action, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private void Deliver(AgentTurn turn, HopMessage[] sent)
    {
        for (int i = 0; i < sent.Length; i++)
        {
            MasEdge edge = turn.Outgoing[i];
            _messages.Remove(edge.Key, out HopMessage? before);
            using HopMessage? earlier = before;
            _messages.Add(edge.Key, sent[i]);
            HopCrossed hop = _record.Cross(edge, turn.Round, sent[i], earlier);
            if (sent[i].Text is { } text)
                logger.LogTrace("Round {Round}: {From} to {To}: {Text}", turn.Round, turn.Name, edge.To, text);
            logger.LogDebug(
                "Round {Round}: {From} to {To}, {Count} vectors of width {Width}, mean norm {Norm}",
                hop.Round, hop.Agent, hop.To, hop.Shape[0], hop.Shape[1], hop.MeanNorm);
        }
    }

    private async Task<MasAnswer> AnswerAsync(AgentTurn turn, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        _record.Emit(new StageStarted
        {
            Agent = turn.Name,
            Round = turn.Round,
            Rounds = request.Rounds,
            Action = StageAction.Write,
            WritesAnswer = true,
        });
        telemetry?.Read(turn.Name, turn.Prompt);
        var alternatives = new Alternatives(request, _tools, logger);
        await using ConfiguredAsyncDisposable ending = alternatives.ConfigureAwait(false);
        turn = await alternatives.PrepareAsync(turn, cancellationToken).ConfigureAwait(false);
        Task<MasAlternative[]> others = alternatives.WriteAsync(cancellationToken);
        (ToolText written, FinishedText finished) = await new AnswerWriter(request, turn, logger).WriteAsync(cancellationToken).ConfigureAwait(false);
        logger.LogTrace("Round {Round}: {Agent} wrote: {Text}", turn.Round, turn.Name, written.Written.Text);
        Complete(turn, StageAction.Write, started);
        var answer = new MasAnswer
        {
            Question = request.Question,
            Text = finished.Text,
            Extracted = finished.Answer,
            AnswerPassRan = finished.WentOn,
            TokenIds = finished.TokenIds,
            Finish = written.Written.Finish,
            Rounds = request.Rounds,
            LatentSteps = request.LatentSteps,
            Usage = _record.Usage,
            Trace = _record.Hops,
            Stages = _record.Stages,
            Tools = written.UseOf(_tools, _record.Calls, logger),
            Alternatives = await others.ConfigureAwait(false),
            Duration = _clock.Elapsed,
        };
        _record.Emit(new AnswerReady { Agent = turn.Name, Round = turn.Round, Answer = answer });
        return answer;
    }
}
