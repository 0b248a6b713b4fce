using static TorchSharp.torch;

namespace RecursiveMas.Scheduling;

/// <summary>Something that a session wants from the step loop: to read, to think or to write. It lasts for one or many steps.</summary>
/// <remarks>Waits until the loop takes it up; from then on only the loop touches its session, until it ends.</remarks>
internal abstract class StepWork
{
    private const int Waiting = 0, Running = 1, Ended = 2;

    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken _cancellationToken;
    private CancellationTokenRegistration _registration;
    private int _phase;

    protected StepWork(SessionState session, CancellationToken cancellationToken) => (Session, _cancellationToken) = (session, cancellationToken);

    public SessionState Session { get; }

    /// <summary>Completes when the work is done, has failed or was cancelled; the loop does not touch the session any more then.</summary>
    public Task Completion => _end.Task;

    public bool IsCancelled => _cancellationToken.IsCancellationRequested;

    /// <summary>Whether the work goes on from what its session has read, so that it belongs to a turn that has begun.</summary>
    public abstract bool Continues { get; }

    /// <summary>Lets a cancellation end the wait at once.</summary>
    public void Await() => _registration = _cancellationToken.UnsafeRegister(static state => ((StepWork)state!).CancelWaiting(), this);

    /// <summary>Takes the work up; false if it ended while it waited.</summary>
    public bool Start() => Interlocked.CompareExchange(ref _phase, Running, Waiting) == Waiting;

    /// <summary>Takes what a step brought; true ends the work. What fails here is its own misfortune: the others of the step go on.</summary>
    public void GoOn(Func<bool> take)
    {
        try
        {
            if (take())
                Complete();
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    public void Complete()
    {
        if (End())
            _end.TrySetResult();
    }

    public void Fail(Exception error)
    {
        if (End())
            _end.TrySetException(error);
    }

    public void Cancel()
    {
        if (End())
            _end.TrySetCanceled(_cancellationToken);
    }

    private void CancelWaiting()
    {
        if (Interlocked.CompareExchange(ref _phase, Ended, Waiting) != Waiting)
            return;
        Release();
        _end.TrySetCanceled(_cancellationToken);
    }

    private bool End()
    {
        if (Interlocked.Exchange(ref _phase, Ended) == Ended)
            return false;
        _registration.Dispose();
        Release();
        return true;
    }

    /// <summary>Frees what the work holds beside its session.</summary>
    protected virtual void Release()
    {
    }
}

/// <summary>Reads what is unread and keeps the state at the last position.</summary>
internal sealed class ReadWork(SessionState session, CancellationToken cancellationToken) : StepWork(session, cancellationToken)
{
    public override bool Continues => false;
}

/// <summary>Something that is done with the model itself, between steps.</summary>
internal abstract class ModelWork(CancellationToken cancellationToken) : StepWork(new SessionState(), cancellationToken)
{
    public override bool Continues => false;

    public abstract void Run(ICausalLanguageModel model);
}

/// <inheritdoc/>
internal sealed class ModelWork<T>(Func<ICausalLanguageModel, T> use, CancellationToken cancellationToken) : ModelWork(cancellationToken)
{
    /// <summary>What came of it, once the work is done.</summary>
    public T? Result { get; private set; }

    public override void Run(ICausalLanguageModel model) => Result = use(model);
}

/// <summary>Takes latent steps. Source: arXiv 2604.25917 and its released code.</summary>
internal sealed class ThinkWork(
    SessionState session,
    IRecursiveLink inner,
    int steps,
    Action<int>? stepTaken,
    CancellationToken cancellationToken) : StepWork(session, cancellationToken)
{
    private readonly List<Tensor> _states = new(steps);
    private readonly List<Tensor> _mapped = new(steps);
    private bool _whole;

    public override bool Continues => true;

    public IRecursiveLink Inner => inner;

    /// <summary>Takes the next state and what the inner link makes of it, [1, H] each; true if it was the last step.</summary>
    public bool Advance(Tensor state, Tensor mapped)
    {
        _states.Add(state.DetachFromDisposeScope());
        _mapped.Add(mapped.DetachFromDisposeScope());
        stepTaken?.Invoke(_states.Count);
        return _whole = _states.Count == steps;
    }

    /// <summary>All states, before and after the inner link; once, after the last step.</summary>
    public Thought Result()
    {
        using var scope = NewDisposeScope();
        var thought = new Thought(new LatentBlock(cat(_states, 0)), new LatentBlock(cat(_mapped, 0))); // [m, H]
        Clear();
        return thought;
    }

    protected override void Release()
    {
        if (!_whole)
            Clear();
    }

    private void Clear()
    {
        foreach (Tensor tensor in _states.Concat(_mapped))
            tensor.Dispose();
        _states.Clear();
        _mapped.Clear();
    }
}
