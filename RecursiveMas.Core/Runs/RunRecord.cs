using System.Diagnostics;

namespace RecursiveMas.Runs;

/// <summary>What happened in a run and what it used; tells a listener, one call at a time.</summary>
/// <remarks>Agents of one stage write it side by side.</remarks>
internal sealed class RunRecord(Action<MasUpdate>? listener)
{
    private readonly Lock _gate = new();
    private readonly Lock _listening = new();
    private readonly List<HopCrossed> _hops = [];
    private readonly List<StageCompleted> _stages = [];
    private readonly List<ToolCallCompleted> _calls = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<string, AgentUsage> _usage = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AgentUsage> _stageUsage = new(StringComparer.Ordinal);

    public IReadOnlyList<HopCrossed> Hops => _hops;

    public IReadOnlyList<StageCompleted> Stages => _stages;

    /// <summary>Calls of tools by all agents.</summary>
    public IReadOnlyList<ToolCallCompleted> Calls => _calls;

    /// <summary>Time since the run began.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    public MasUsage Usage
    {
        get
        {
            lock (_gate)
                return new MasUsage(new Dictionary<string, AgentUsage>(_usage, StringComparer.Ordinal));
        }
    }

    public void Use(string agent, AgentUsage more)
    {
        lock (_gate)
        {
            _usage[agent] = _usage.GetValueOrDefault(agent, AgentUsage.None).Plus(more);
            _stageUsage[agent] = _stageUsage.GetValueOrDefault(agent, AgentUsage.None).Plus(more);
        }
    }

    /// <summary>Notes what has crossed an edge.</summary>
    /// <param name="edge">The edge.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="message">What has crossed.</param>
    /// <param name="earlier">What crossed the edge in the round before; null for nothing.</param>
    public HopCrossed Cross(MasEdge edge, int round, HopMessage message, HopMessage? earlier)
    {
        VectorNorms norms = message.Block?.Norms() ?? new VectorNorms(0, 0, 0);
        var hop = new HopCrossed
        {
            Agent = edge.From,
            Round = round,
            Edge = edge.Key,
            To = edge.To,
            Slot = edge.Slot,
            Shape = message.Block?.Values.shape ?? [0, 0],
            Dtype = message.Block?.Dtype,
            SmallestNorm = norms.Smallest,
            MeanNorm = norms.Mean,
            LargestNorm = norms.Largest,
            NormsBefore = message.Before,
            Cosine = earlier?.Block is { } before ? message.Block?.CosineTo(before) : null,
            Elapsed = Elapsed,
            Text = message.Text,
            ReadOut = message.ReadOut,
        };
        _hops.Add(hop);
        Emit(hop);
        return hop;
    }

    /// <summary>Notes that an agent has done its part of a stage.</summary>
    public void Complete(AgentTurn turn, StageAction action, long started)
    {
        StageCompleted completed;
        lock (_gate)
        {
            _stageUsage.Remove(turn.Name, out AgentUsage? usage);
            completed = new StageCompleted
            {
                Agent = turn.Name,
                Round = turn.Round,
                Action = action,
                Duration = Stopwatch.GetElapsedTime(started),
                Usage = usage ?? AgentUsage.None,
            };
            _stages.Add(completed);
        }

        Emit(completed);
    }

    /// <summary>Notes what came of a call.</summary>
    public void Complete(ToolCallCompleted call)
    {
        lock (_gate)
            _calls.Add(call);
        Emit(call);
    }

    public void Emit(MasUpdate update)
    {
        if (listener is null)
            return;
        lock (_listening)
            listener(update);
    }
}
