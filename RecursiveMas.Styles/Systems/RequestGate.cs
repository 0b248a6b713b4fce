namespace RecursiveMas.Systems;

/// <summary>
/// Admits so many requests at once and lets others wait; counts them all, so that closing can cancel them and wait until the last one has gone.
/// </summary>
/// <param name="places">Most requests that run at once.</param>
/// <param name="queue">Most requests that wait; null for no limit.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "Closing waits and disposes; a synchronous Dispose could not wait.")]
internal sealed class RequestGate(int places, int? queue)
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _places = new(places);
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private int _admitted;
    private int _waiting;
    private bool _closed;

    /// <summary>Requests that have a place.</summary>
    public int Running => Volatile.Read(ref _admitted);

    /// <summary>Requests that wait for one.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Lets a request in.</summary>
    /// <param name="owner">What closes with the gate.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <param name="bounded">Whether the request is refused where too many wait.</param>
    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    /// <exception cref="OverloadedException">All places are taken, and as many wait as may.</exception>
    public Pass Enter(object owner, CancellationToken cancellationToken, bool bounded = true)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, owner);
            if (bounded && queue is { } most && _running >= (long)places + most)
                throw new OverloadedException(places, _running - places);
            _running++;
            return new Pass(this, owner, CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token), cancellationToken);
        }
    }

    /// <summary>Closes the gate, cancels what runs and waits for it. To be called once.</summary>
    public async Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            if (_running == 0)
                _empty.TrySetResult();
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _empty.Task.ConfigureAwait(false);
        _closing.Dispose();
        _places.Dispose();
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_running == 0 && _closed)
                _empty.TrySetResult();
        }
    }

    /// <summary>A request that is inside.</summary>
    internal sealed class Pass(RequestGate gate, object owner, CancellationTokenSource cancellation, CancellationToken callers) : IDisposable
    {
        private bool _admitted;

        /// <summary>Cancelled by the caller or by closing.</summary>
        public CancellationToken Token => cancellation.Token;

        /// <summary>Waits for a place.</summary>
        public async Task AdmitAsync()
        {
            Interlocked.Increment(ref gate._waiting);
            try
            {
                await gate._places.WaitAsync(Token).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref gate._waiting);
            }

            _admitted = true;
            Interlocked.Increment(ref gate._admitted);
        }

        /// <summary>Why the request was cancelled, as its caller is to learn it: by the caller's own token, or because the gate was closed.</summary>
        public Exception Explain(OperationCanceledException error) => callers.IsCancellationRequested
            ? new OperationCanceledException(error.Message, error, callers)
            : new ObjectDisposedException(owner.GetType().FullName, "It was disposed while the request ran.");

        public void Dispose()
        {
            cancellation.Dispose();
            if (_admitted)
            {
                Interlocked.Decrement(ref gate._admitted);
                gate._places.Release();
            }

            gate.Leave();
        }
    }
}
