using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RecursiveMas.Generation.Sampling;
using RecursiveMas.Scheduling;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Agents;

/// <summary>A session of a <see cref="LatentAgent"/>.</summary>
internal sealed class LatentSession(LatentAgent agent, SessionOptions options) : ILatentSession
{
    private SessionState _state = new();
    private SessionHistory _history = new();

    // The last token or vector has been made but not read: it is read before whatever comes next.
    private Pending _pending = Pending.Nothing;
    private int _pendingId;
    private bool _busy;
    private bool _unusable;
    private bool _disposed;

    private enum Pending
    {
        Nothing,
        Token,
        Vector,
    }

    public int Length => _history.Length + (_pending == Pending.Nothing ? 0 : 1);

    public long CacheBytes => _state.Cache?.Bytes ?? 0;

    private ICausalLanguageModel Model => agent.Model;

    public async Task<PromptRead> ReadAsync(AgentPrompt prompt, IReadOnlyDictionary<string, LatentBlock> blocks, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(blocks);
        using Call call = Enter();
        PromptRead read = Prepare(prompt, blocks);
        await call.RunAsync(new ReadWork(_state, cancellationToken)).ConfigureAwait(false);
        return read;
    }

    public async Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(parts);
        using Call call = Enter();
        int[] ids = agent.Text.Encode(parts);
        PromptContent.CheckIds(Model, agent.Name, ids);
        RequirePositions(Length + ids.Length, $"What is appended at '{agent.Name}'");
        if (_pending == Pending.Token && _pendingId == agent.Text.EndId)
            Forget();
        ReadPending();
        _history.Add(ids);
        _state.Unread.Add(ids.AsMemory());
        await call.RunAsync(new ReadWork(_state, cancellationToken)).ConfigureAwait(false);
        return new PromptRead(ids.Length, 0);
    }

    public async Task<Thought> ThinkAsync(int steps, Action<int>? stepTaken = null, CancellationToken cancellationToken = default)
    {
        if (steps < 1)
            throw new InvalidOptionException(nameof(steps), $"{steps} is not possible; a rollout takes at least 1 step.");
        IRecursiveLink inner = agent.InnerLink
            ?? throw new GraphException($"The agent '{agent.Name}' has no inner link, so it cannot think. Load its link, or use the text channel.");
        using Call call = Enter();
        RequireRead();
        RequirePositions((long)Length + steps - 1, $"A rollout of {steps} steps at '{agent.Name}'");
        ReadPending();
        var work = new ThinkWork(_state, inner, steps, stepTaken, cancellationToken);
        await call.RunAsync(work).ConfigureAwait(false);
        _history.AddOwn(steps - 1);
        _pending = Pending.Vector;
        return work.Result();
    }

    public async IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.MaxNewTokens < 1)
            throw new InvalidOptionException(nameof(WriteOptions.MaxNewTokens), $"{options.MaxNewTokens} is not possible; at least 1 is needed.");
        using Call call = Enter();
        RequireRead();
        RequirePositions(Length + 1, $"A text of '{agent.Name}'");
        ReadPending();
        // Whoever stops listening also stops the work.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var updates = Channel.CreateUnbounded<WriteUpdate>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var stream = new TextStream(agent.Text, options, updates.Writer);
        var rules = new SamplingRules(SamplingPlan.Resolve(options.Sampling, agent.Text.SamplingDefaults), agent.Text.EndId);
        var random = new RowRandom(options.Seed ?? RowRandom.FreshSeed(), options.Key);
        Task work = call.RunAsync(new WriteWork(_state, rules, new SamplingRow(random, _history.TokenIds), stream.Take, stop.Token));
        _ = work.ContinueWith(_ => updates.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (WriteUpdate update in updates.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return update;
            cancellationToken.ThrowIfCancellationRequested();
            await work.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(work).ConfigureAwait(false);
            if (work.IsCompletedSuccessfully)
                Hold(stream);
        }
    }

    public IAgentSession Fork()
    {
        using Call call = Enter();
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        var fork = new LatentSession(agent, options)
        {
            _state = _state.Fork(),
            _history = _history.Fork(),
            _pending = _pending,
            _pendingId = _pendingId,
        };
        return fork;
    }

    public ValueTask DisposeAsync()
    {
        if (_disposed)
            return ValueTask.CompletedTask;
        _disposed = true;
        _state.Dispose();
        _history.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Rewinds to where the prompt differs from what is held, and lays out the rest to be read.</summary>
    private PromptRead Prepare(AgentPrompt prompt, IReadOnlyDictionary<string, LatentBlock> blocks)
    {
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        var content = PromptContent.Create(Model, agent.Name, agent.Text.Encode(prompt), [.. prompt.Slots], blocks);
        RequirePositions(content.Length, $"The prompt of '{agent.Name}'");
        Forget();
        // The state at the last position is needed, so at least that one is read.
        int same = Math.Min(_history.CommonPrefix(content), content.Length - 1);
        int kept = _state.Cache?.NearestRewind(same) ?? 0;
        _state.Cache?.Rewind(kept);
        _history.Crop(kept);
        int at = 0;
        foreach (PromptSegment segment in content.Segments)
        {
            int skipped = Math.Clamp(kept - at, 0, segment.Length);
            at += segment.Length;
            if (skipped == segment.Length)
                continue;
            if (segment.Vectors is { } vectors)
            {
                Tensor rest = vectors.narrow(0, skipped, segment.Length - skipped);
                // Later rounds bring other vectors to the same place.
                if (options.Rereads)
                    _state.Unread.AddMark();
                _history.Add(rest);
                _state.Unread.Add(rest.alias());
            }
            else
            {
                _history.Add(segment.Ids.AsSpan(skipped));
                _state.Unread.Add(segment.Ids.AsMemory(skipped));
            }
        }

        return new PromptRead(content.Length, kept);
    }

    /// <summary>Holds what was written. The last token has been sampled but not read, so that it can be replaced.</summary>
    private void Hold(TextStream stream)
    {
        if (stream.Replaced is not { } replaced)
        {
            _history.Add([.. stream.TokenIds.SkipLast(1)]);
            (_pending, _pendingId) = (Pending.Token, stream.TokenIds[^1]);
            return;
        }

        Forget();
        int[] ids = [.. stream.TokenIds];
        _history.Add(ids);
        _state.Unread.Add(ids.AsMemory(ids.Length - replaced));
    }

    /// <summary>Drops a token or vector that has not been read.</summary>
    private void Forget()
    {
        _state.Unread.Clear();
        _pending = Pending.Nothing;
    }

    /// <summary>Counts the pending token or vector as read: whatever comes next reads it.</summary>
    private void ReadPending()
    {
        if (_pending == Pending.Token)
            _history.Add([_pendingId]);
        else if (_pending == Pending.Vector)
            _history.AddOwn(1);
        _pending = Pending.Nothing;
    }

    private void RequireRead()
    {
        if (Length == 0)
            throw new PromptException($"The session of '{agent.Name}' holds nothing to go on from. Read a prompt first.");
    }

    private void RequirePositions(long wanted, string what)
    {
        int limit = Model.Configuration.MaxPositions;
        if (wanted > limit)
            throw new PromptException($"{what} needs {wanted} positions, but its model has {limit}. Shorten the question, or take fewer latent steps.");
    }

    private Call Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_busy)
            throw new InvalidOperationException($"The session of '{agent.Name}' is in use. It serves one call at a time; fork it, or open another.");
        if (_unusable)
            throw new InvalidOperationException(
                $"A call of the session of '{agent.Name}' failed or was cancelled, after which it can only be disposed. Open another.");
        return new Call(this, agent.Steps);
    }

    /// <summary>One call: nobody else comes in, and a failure of its work makes the session unusable.</summary>
    private readonly struct Call : IDisposable
    {
        private readonly LatentSession _session;
        private readonly StepScheduler _steps;

        public Call(LatentSession session, StepScheduler steps)
        {
            _session = session;
            _steps = steps;
            session._busy = true;
        }

        public async Task RunAsync(StepWork work)
        {
            try
            {
                await _steps.RunAsync(work).ConfigureAwait(false);
            }
            catch
            {
                _session._unusable = true;
                throw;
            }
        }

        public void Dispose() => _session._busy = false;
    }
}
