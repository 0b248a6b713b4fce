using System.Collections.Concurrent;
using RecursiveMas.Devices;
using RecursiveMas.Scheduling;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>
/// The step loop of one model: each step is one pass over the weights for every session that wants something, be it to read, to think or to write. Sessions come and
/// go at every step; nothing is padded.
/// </summary>
/// <remarks>
/// Safe for concurrent calls. Steps run on the thread of the model's device; schedulers of several models on one device take turns step by step. Does not own the model:
/// dispose the scheduler first.
/// </remarks>
public sealed class StepScheduler : IDisposable
{
    // How long a turn waits for what its sessions want next before others get theirs: little in general, longer where a session has just read a prompt.
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(2), s_longGrace = TimeSpan.FromMilliseconds(250);

    private readonly StepOptions _options;
    private readonly DeviceWorker _worker;
    private readonly IModelTurns? _turns;
    private readonly ConcurrentQueue<StepWork> _arrivals = new();
    private readonly List<StepWork> _waiting = [];
    private readonly List<StepWork> _active = [];
    private readonly StepResults _results;
    private readonly Lock _gate = new();
    private bool _looping;
    private bool _disposed;
    private bool _hasTurn;
    private bool _waitsForTurn;
    private bool _turnIsNew;

    // Sessions that have read a prompt in this turn and will go on from it.
    private int _expected;

    /// <summary>Creates the loop of a model. It costs nothing while no session wants anything.</summary>
    /// <param name="model">The model; it stays the caller's.</param>
    /// <param name="options">Limits of one step.</param>
    /// <exception cref="ArgumentNullException">There is no model.</exception>
    /// <exception cref="InvalidOptionException">An option is out of range.</exception>
    public StepScheduler(ICausalLanguageModel model, StepOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _options = options ?? new StepOptions();
        _options.Validate();
        Model = model;
        _worker = DeviceWorker.For(model.Device);
        _turns = model as IModelTurns;
        _results = new StepResults(model);
    }

    /// <summary>The model.</summary>
    public ICausalLanguageModel Model { get; }

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Rows of all steps so far: a session that takes part in a step is one row.</summary>
    public long Rows { get; private set; }

    /// <summary>Positions read so far.</summary>
    public long Positions { get; private set; }

    /// <summary>Ends all work that waits or runs with <see cref="ObjectDisposedException"/>, and returns when the loop has stopped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        _worker.RunAsync(
            () =>
            {
                Admit();
                EndAll(new ObjectDisposedException(nameof(StepScheduler)));
                return true;
            },
            CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>Gives a piece of work to the loop.</summary>
    /// <returns>Completes when the work is done, has failed or was cancelled.</returns>
    internal Task RunAsync(StepWork work)
    {
        bool start;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            work.Await();
            _arrivals.Enqueue(work);
            start = !_looping;
            _looping = true;
        }

        if (start)
            Post();
        return work.Completion;
    }

    private void Post() => _ = _worker.RunAsync(
        () =>
        {
            Loop();
            return true;
        },
        CancellationToken.None);

    /// <summary>One step; posts the next one while there is work, so that others of the device come in between.</summary>
    private void Loop()
    {
        Admit();
        DropCancelled();
        if (!BeginTurn())
            return;
        TakeUp();
        if (_active.Count > 0)
        {
            Step();
            Post();
            return;
        }

        // What a session wants next comes a moment after its last work: while others wait for the turn, it is worth that moment.
        if (_hasTurn && _turns!.OthersWait)
        {
            SpinWait.SpinUntil(() => !_arrivals.IsEmpty, _expected > 0 ? s_longGrace : s_grace);
            Admit();
            TakeUp();
            if (_active.Count > 0)
            {
                Post();
                return;
            }
        }

        EndTurn();
        lock (_gate)
        {
            if (_arrivals.IsEmpty && _waiting.Count == 0)
            {
                _looping = false;
                return;
            }
        }

        Post();
    }

    private void Admit()
    {
        while (_arrivals.TryDequeue(out StepWork? work))
            _waiting.Add(work);
    }

    /// <summary>Takes up what waits. What waited when a turn began belongs to it; while another model waits for its end, only what goes on from there does.</summary>
    private void TakeUp()
    {
        bool closing = _hasTurn && !_turnIsNew && _turns!.OthersWait;
        _turnIsNew = false;
        for (int i = 0; i < _waiting.Count; i++)
        {
            if (closing && !_waiting[i].Continues)
                continue;
            if (_waiting[i].Start())
            {
                _active.Add(_waiting[i]);
                if (_waiting[i].Continues)
                    _expected = Math.Max(0, _expected - 1);
            }

            _waiting.RemoveAt(i--);
        }
    }

    private void DropCancelled()
    {
        for (int i = _active.Count - 1; i >= 0; i--)
        {
            if (!_active[i].IsCancelled)
                continue;
            _active[i].Cancel();
            _active.RemoveAt(i);
        }
    }

    private bool BeginTurn()
    {
        if (_turns is null || _hasTurn || (_waiting.Count == 0 && _active.Count == 0))
            return true;
        try
        {
            _hasTurn = _turnIsNew = _turns.TryBegin(Post);
            _waitsForTurn = !_hasTurn;
            return _hasTurn;
        }
        catch (Exception error)
        {
            // The model could not be loaded.
            EndAll(error);
            return true;
        }
    }

    private void EndTurn()
    {
        if (!_hasTurn && !_waitsForTurn)
            return;
        _hasTurn = _waitsForTurn = false;
        _expected = 0;
        _turns!.End();
    }

    private void Step()
    {
        // Who takes part stands at the end for the next step.
        StepWork[] works = [.. _active.Take(_options.Sessions)];
        if (works.Length < _active.Count)
        {
            _active.RemoveRange(0, works.Length);
            _active.AddRange(works);
        }

        try
        {
            using var scope = NewDisposeScope();
            StepWork[] unread = [.. works.Where(work => work.Session.Unread.Count > 0)];
            // A session that has just read its prompt goes on from the state it kept.
            StepWork[] read = [.. works.Where(work => work.Session.Unread.Count == 0)];
            StepOutput? output = unread.Length > 0 ? Forward(unread) : null;
            _results.Advance(output, read);
        }
        catch (Exception error)
        {
            // The caches of all that took part disagree now.
            foreach (StepWork work in works)
                work.Fail(error);
        }

        _expected += works.Count(work => work is ReadWork && work.Completion.IsCompletedSuccessfully);
        _active.RemoveAll(work => work.Completion.IsCompleted);
    }

    private StepOutput Forward(StepWork[] works)
    {
        var input = StepInput.Gather(Model, works, _options.PromptPositions);
        Tensor hidden = Model.Forward(input.Embeddings, input.Rows); // [N, H]
        Steps++;
        Rows += input.Rows.Count;
        Positions += hidden.size(0);
        return StepOutput.Of(input, hidden);
    }

    private void EndAll(Exception reason)
    {
        foreach (StepWork work in _waiting.Where(work => work.Start()).Concat(_active))
            work.Fail(reason);
        _waiting.Clear();
        _active.Clear();
        EndTurn();
    }
}
