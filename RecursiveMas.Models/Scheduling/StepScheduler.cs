using System.Collections.Concurrent;
using System.Diagnostics;
using RecursiveMas.Scheduling;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>
/// The step loop of one model: each step is one pass over the weights for every session that wants something, be it to read, to think or to write.
/// Sessions come and go at every step; nothing is padded.
/// </summary>
/// <remarks>
/// Safe for concurrent calls. Steps run on the thread of the model's device; schedulers of several models on one device take turns step by step. Models
/// so small that a step keeps to one thread step side by side on a CPU. Does not own the model: dispose the scheduler first.
/// </remarks>
public sealed class StepScheduler : IDisposable
{
    // Bytes of weights up to which a step runs on one thread.
    private const double SmallWeights = 8e6;

    // A chunk of a prompt that a CPU takes a good part of a second for; elsewhere it would take little more time than one position does.
    private const int PromptPositionsOfCpu = 512, PromptPositionsElsewhere = 4096;

    private readonly StepOptions _options;
    private readonly DeviceWorker _worker;
    private readonly ModelTurn _turn;
    private readonly ConcurrentQueue<StepWork> _arrivals = new();
    private readonly List<StepWork> _waiting = [];
    private readonly List<StepWork> _active = [];
    private readonly StepResults _results;
    private readonly int _promptPositions;
    private readonly Lock _gate = new();

    // Where a worker has several threads, a retry or the end may come while a step runs.
    private readonly Lock _stepping = new();
    private bool _looping;
    private volatile bool _disposed;

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
        _turn = new ModelTurn(model as IModelTurns);
        _results = new StepResults(model);
        _promptPositions = _options.PromptPositions ?? (model.Device.type == DeviceType.CPU ? PromptPositionsOfCpu : PromptPositionsElsewhere);
        _worker = IsSmall(model.Configuration) ? DeviceWorker.ForSmallJobs(model.Device) : DeviceWorker.For(model.Device);
    }

    /// <summary>The model.</summary>
    public ICausalLanguageModel Model { get; }

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Rows of all steps so far: a session that takes part in a step is one row.</summary>
    public long Rows { get; private set; }

    /// <summary>Positions read so far.</summary>
    public long Positions { get; private set; }

    /// <summary>
    /// Does something with the model between two steps, on a thread of its device. A model that is not always in memory is loaded for it and stays
    /// until it is done; outside of this, and of sessions, such a model cannot compute.
    /// </summary>
    /// <param name="use">
    /// What to do: sessions of the model wait for its end. It runs in inference mode and in a dispose scope; a tensor that is to outlive it leaves by
    /// DetachFromDisposeScope.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for the model.</param>
    /// <returns>What <paramref name="use"/> returns.</returns>
    /// <exception cref="ObjectDisposedException">The loop has been disposed.</exception>
    public async Task<T> UseModelAsync<T>(Func<ICausalLanguageModel, T> use, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(use);
        var work = new ModelWork<T>(use, cancellationToken);
        await RunAsync(work).ConfigureAwait(false);
        return work.Result!;
    }

    /// <summary>Ends all work that waits or runs with <see cref="ObjectDisposedException"/>, and returns when the loop has stopped.</summary>
    /// <exception cref="ReentrantCallException">A thread that computes called, such as a logits processor.</exception>
    public void Dispose()
    {
        DeviceWorker.RequireOther("Disposal");
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        _worker.RunAsync(
            () =>
            {
                lock (_stepping)
                    EndDisposed();
                return true;
            },
            CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>Gives a piece of work to the loop.</summary>
    /// <returns>Completes when the work is done, has failed or was cancelled.</returns>
    /// <exception cref="ReentrantCallException">A thread that computes called, such as a logits processor.</exception>
    internal Task RunAsync(StepWork work)
    {
        DeviceWorker.RequireOther("Work with a model");
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

    // Waking another thread takes longer than the products of a model whose weights lie in the processor's caches. Attention and MLP of a layer
    // have about four and eight squares of the hidden size, the head a row for each token.
    private static bool IsSmall(ModelConfiguration model) =>
        ((12.0 * model.HiddenSize * model.LayerCount) + model.VocabularySize) * model.HiddenSize * sizeof(float) <= SmallWeights;

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
        lock (_stepping)
            LoopOnce();
    }

    private void LoopOnce()
    {
        // Disposal may wait for its turn on another thread meanwhile.
        if (_disposed)
        {
            EndDisposed();
            return;
        }

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

        if (_turn.IsWanted)
        {
            _turn.AwaitMore(() => !_arrivals.IsEmpty);
            Admit();
            TakeUp();
            if (_active.Count > 0)
            {
                Post();
                return;
            }
        }

        _turn.End();
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

    /// <summary>
    /// Takes up what waits. What waited when a turn began belongs to it; while another model waits for its end, only what goes on from there does.
    /// </summary>
    private void TakeUp()
    {
        bool closed = _turn.CloseToNew();
        for (int i = 0; i < _waiting.Count; i++)
        {
            if (closed && !_waiting[i].Continues)
                continue;
            if (_waiting[i].Start())
            {
                _active.Add(_waiting[i]);
                _turn.TakenUp(_waiting[i]);
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
        if (_waiting.Count == 0 && _active.Count == 0)
            return true;
        try
        {
            return _turn.TryBegin(Post);
        }
        catch (Exception error)
        {
            // The model could not be loaded.
            EndAll(error);
            return true;
        }
    }

    private void Step()
    {
        foreach (ModelWork work in _active.OfType<ModelWork>())
        {
            work.GoOn(() =>
            {
                work.Run(Model);
                return true;
            });
        }

        _active.RemoveAll(work => work.Completion.IsCompleted);
        // Who takes part stands at the end for the next step.
        StepWork[] works = [.. _active.Take(_options.Sessions)];
        if (works.Length < _active.Count)
        {
            _active.RemoveRange(0, works.Length);
            _active.AddRange(works);
        }

        if (works.Length == 0)
            return;
        long began = Stopwatch.GetTimestamp();
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

        StepMetrics.Record(Model.Configuration.ModelType, Stopwatch.GetElapsedTime(began));
        _turn.Stepped(works);
        _active.RemoveAll(work => work.Completion.IsCompleted);
    }

    private StepOutput Forward(StepWork[] works)
    {
        var input = StepInput.Gather(Model, works, _promptPositions);
        Tensor hidden = Model.Forward(input.Embeddings, input.Rows); // [N, H]
        Steps++;
        Rows += input.Rows.Count;
        Positions += hidden.size(0);
        StepMetrics.Record(Model.Configuration.ModelType, input.Rows.Count, hidden.size(0));
        return StepOutput.Of(input, hidden);
    }

    private void EndDisposed()
    {
        Admit();
        EndAll(new ObjectDisposedException(nameof(StepScheduler)));
    }

    private void EndAll(Exception reason)
    {
        foreach (StepWork work in _waiting.Where(work => work.Start()).Concat(_active))
            work.Fail(reason);
        _waiting.Clear();
        _active.Clear();
        _turn.End();
    }
}
