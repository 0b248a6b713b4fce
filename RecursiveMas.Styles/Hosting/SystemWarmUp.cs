using Microsoft.Extensions.Hosting;

namespace RecursiveMas.Hosting;

/// <summary>
/// Loads the systems of a host that are to be warmed up, one after another so that each sees what memory the one before left: some before the host starts,
/// the others while it runs, until each is ready.
/// </summary>
/// <param name="systems">The systems in the order of their registration.</param>
/// <param name="clock">Measures the time between tries.</param>
internal sealed class SystemWarmUp(IReadOnlyList<(MasSystemSource Source, MasWarmUpOptions Options)> systems, TimeProvider clock)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach ((MasSystemSource source, _) in systems.Where(system => system.Options.BeforeStart))
            await source.GetAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        CancellationToken stopping = _stopping.Token;
        _running = Task.Run(() => RunAsync(stopping), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(CancellationToken stopping)
    {
        List<(MasSystemSource Source, MasWarmUpOptions Options)> waiting = [.. systems];
        while (true)
        {
            foreach ((MasSystemSource Source, MasWarmUpOptions Options) system in waiting.ToArray())
            {
                if (await TryLoadAsync(system.Source, stopping).ConfigureAwait(false) || system.Options.RetryDelay == Timeout.InfiniteTimeSpan)
                    waiting.Remove(system);
            }

            if (waiting.Count == 0 || stopping.IsCancellationRequested)
                return;
            await Task.Delay(waiting.Min(system => system.Options.RetryDelay), clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What goes wrong is in the log and in the state of the source.</summary>
    private static async Task<bool> TryLoadAsync(MasSystemSource source, CancellationToken stopping)
    {
        Task loading = source.GetAsync(stopping);
        await loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return loading.IsCompletedSuccessfully;
    }
}
