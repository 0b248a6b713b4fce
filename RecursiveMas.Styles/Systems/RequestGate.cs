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
    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public Pass Enter(object owner, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, owner);
            _running++;
            return new Pass(this, CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token));
        }
    }

    /// <summary>Closes the gate, cancels what runs and waits for it. Returns whether this call was the one that closed it.</summary>
    public async Task<bool> CloseAsync()
    {
        lock (_lock)
        {
            if (_closed)
                return false;
            _closed = true;
            if (_running == 0)
                _empty.TrySetResult();
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _empty.Task.ConfigureAwait(false);
        _closing.Dispose();
        return true;
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
    internal sealed class Pass(RequestGate gate, CancellationTokenSource cancellation) : IDisposable
    {
        /// <summary>Cancelled by the caller or by closing.</summary>
        public CancellationToken Token => cancellation.Token;

        public void Dispose()
        {
            cancellation.Dispose();
            gate.Leave();
        }
    }
}
