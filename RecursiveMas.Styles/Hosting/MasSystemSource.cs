using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using RecursiveMas.Hosting;

namespace RecursiveMas;

/// <summary>
/// Loads a system of a host, once and in the background, and hands it out. A service of every system that <c>AddRecursiveMas</c> registers: as it is for the
/// unnamed one, under its name as the key for others.
/// </summary>
/// <remarks>
/// All members are safe for concurrent calls. The system is the source's: the host disposes both. A try that failed is followed by another one when somebody
/// asks after <see cref="MasWarmUpOptions.RetryDelay"/>.
/// </remarks>
public sealed class MasSystemSource : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Func<IProgress<MasLoadProgress>, CancellationToken, Task<MasSystem>> _load;
    private readonly TimeSpan _retryDelay;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lazy<Task> _closed;
    private Task<MasSystem>? _loading;
    private long _failedAt;
    private bool _disposed;

    /// <param name="name">Name for messages.</param>
    /// <param name="load">Loads the system.</param>
    /// <param name="retryDelay">Time between a failure and the next try; infinite for a single try.</param>
    /// <param name="logger">Told of progress and failures.</param>
    /// <param name="clock">Measures times.</param>
    internal MasSystemSource(
        string name, Func<IProgress<MasLoadProgress>, CancellationToken, Task<MasSystem>> load, TimeSpan retryDelay, ILogger logger, TimeProvider clock)
    {
        (Name, _load, _retryDelay, _logger, _clock) = (name, load, retryDelay, logger, clock);
        _closed = new Lazy<Task>(() => Task.Run(CloseAsync));
    }

    /// <summary>Name of the system in the host; for the unnamed one the system's own, or its folder.</summary>
    public string Name { get; }

    /// <summary>How far the system is.</summary>
    public MasSystemState State
    {
        get
        {
            lock (_gate)
                return _disposed ? MasSystemState.Disposed
                    : _loading is null ? MasSystemState.NotLoaded
                    : !_loading.IsCompleted ? MasSystemState.Loading
                    : _loading.IsCompletedSuccessfully ? MasSystemState.Ready
                    : MasSystemState.Failed;
        }
    }

    /// <summary>How far loading has come, or had come when it ended; null before it begins.</summary>
    public MasLoadProgress? Progress { get; private set; }

    /// <summary>Why the last try failed; null unless it did.</summary>
    public Exception? Error
    {
        get
        {
            lock (_gate)
                return _loading?.Exception?.InnerException;
        }
    }

    /// <summary>Waits until the system is ready. Loading begins if it has not, on threads of its own.</summary>
    /// <param name="cancellationToken">Ends the wait, not the loading.</param>
    /// <exception cref="RecursiveMasException">The system could not be loaded; the exception is that of MasSystem.LoadAsync.</exception>
    /// <exception cref="ObjectDisposedException">The host has released the system.</exception>
    public async Task<MasSystem> GetAsync(CancellationToken cancellationToken = default) => await Begin().WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>The system, if it is ready. Nothing is loaded and nothing waits.</summary>
    /// <param name="system">The system, or null.</param>
    public bool TryGet([NotNullWhen(true)] out MasSystem? system)
    {
        lock (_gate)
            system = !_disposed && _loading is { IsCompletedSuccessfully: true } ready ? ready.Result : null;
        return system is not null;
    }

    /// <summary>The system at once. If it is not ready, loading begins in the background.</summary>
    /// <exception cref="SystemNotReadyException">It is not ready.</exception>
    internal MasSystem Require()
    {
        Task<MasSystem> loading = Begin();
        return loading.IsCompletedSuccessfully
            ? loading.Result
            : throw new SystemNotReadyException(Name, State, Progress, loading.Exception?.InnerException);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DeviceWorker.RequireOther("Disposal");
        DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Cancels loading, or releases the system as <see cref="MasSystem.DisposeAsync"/> does. Every call waits until that is done.</summary>
    public ValueTask DisposeAsync() => new(_closed.Value);

    private Task<MasSystem> Begin()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_loading is null || (_loading.IsFaulted && MayRetry()))
            {
                Progress = null;
                _loading = Task.Run(LoadAsync);
            }

            return _loading;
        }
    }

    private bool MayRetry() => _retryDelay != Timeout.InfiniteTimeSpan && _clock.GetElapsedTime(_failedAt) >= _retryDelay;

    private async Task<MasSystem> LoadAsync()
    {
        var log = new LoadLog(Name, _logger, _clock, progress => Progress = progress);
        log.Begin();
        try
        {
            return await _load(log, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            throw new ObjectDisposedException(GetType().FullName, "It was disposed while the system was being loaded.");
        }
        catch (Exception error)
        {
            _failedAt = _clock.GetTimestamp();
            log.Fail(error, _retryDelay);
            throw;
        }
    }

    private async Task CloseAsync()
    {
        Task<MasSystem>? loading;
        lock (_gate)
        {
            _disposed = true;
            loading = _loading;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        if (loading is not null)
        {
            await Task.WhenAny(loading).ConfigureAwait(false);
            if (loading.IsCompletedSuccessfully)
                await (await loading.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            else
                _ = loading.Exception;
        }

        _closing.Dispose();
    }
}
