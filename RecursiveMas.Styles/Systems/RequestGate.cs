namespace RecursiveMas.Systems;

/// <summary>Counts running requests, so that closing can cancel them and wait until the last one has gone.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "Closing waits and disposes; a synchronous Dispose could not wait.")]
internal sealed class RequestGate
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _closed;

    /// <summary>Lets a request in.</summary>
    /// <param name="owner">What closes with the gate.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public Pass Enter(object owner, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, owner);
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
        /// <summary>Cancelled by the caller or by closing.</summary>
        public CancellationToken Token => cancellation.Token;

        /// <summary>Why the request was cancelled, as its caller is to learn it: by the caller's own token, or because the gate was closed.</summary>
        public Exception Explain(OperationCanceledException error) => callers.IsCancellationRequested
            ? new OperationCanceledException(error.Message, error, callers)
            : new ObjectDisposedException(owner.GetType().FullName, "It was disposed while the request ran.");

        public void Dispose()
        {
            cancellation.Dispose();
            gate.Leave();
        }
    }
}
