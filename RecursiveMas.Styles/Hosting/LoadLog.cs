using Microsoft.Extensions.Logging;
using RecursiveMas.Shared;

namespace RecursiveMas.Hosting;

/// <summary>Writes into the log how the loading of a system goes: each part, and now and then how much has been read of one.</summary>
/// <param name="system">The system.</param>
/// <param name="logger">The log.</param>
/// <param name="clock">Measures times.</param>
/// <param name="listener">Receives the progress, too.</param>
internal sealed class LoadLog(string system, ILogger logger, TimeProvider clock, Action<MasLoadProgress> listener) : IProgress<MasLoadProgress>
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    private readonly long _began = clock.GetTimestamp();
    private long _last = clock.GetTimestamp();

    public void Begin() => logger.LogInformation("'{System}' is being loaded", system);

    public void Report(MasLoadProgress value)
    {
        listener(value);
        // The client of the hub logs its downloads itself.
        if (value.Download is not null)
            return;
        if (value.Weights is not { } weights)
        {
            logger.LogInformation("'{System}': {Done} of {Total} parts are loaded", system, value.Done, value.Total);
            logger.LogDebug("'{System}': {Part} is loaded", system, value.Part);
        }
        else if (clock.GetElapsedTime(_last) >= s_pause)
        {
            _last = clock.GetTimestamp();
            logger.LogInformation(
                "'{System}': {Done} of {Total} parts are loaded, and {Read} of {All} of the next",
                system, value.Done, value.Total, ByteSize.GiB(weights.Bytes), ByteSize.GiB(weights.TotalBytes));
        }
    }

    /// <param name="error">What went wrong.</param>
    /// <param name="retryDelay">When it may be tried again; infinite for never.</param>
    public void Fail(Exception error, TimeSpan retryDelay) => logger.LogError(
        error,
        "'{System}' could not be loaded after {Seconds:0.0} s. {Next}",
        system,
        clock.GetElapsedTime(_began).TotalSeconds,
        retryDelay == Timeout.InfiniteTimeSpan ? "It is not tried again" : $"It may be tried again after {retryDelay.TotalSeconds:0.###} s");
}
