using Microsoft.Extensions.Logging;

namespace RecursiveMas.Loading;

/// <summary>Finds the files of a released system in the hub cache, and downloads what is missing there as the options say.</summary>
/// <param name="options">How the system is loaded.</param>
/// <param name="progress">Told of bytes that arrive.</param>
/// <param name="loggers">Told what is fetched, and how far it has come.</param>
/// <param name="console">Told the same where nobody listens; null for nobody.</param>
internal sealed class ReleasedFiles(MasOptions options, IProgress<MasLoadProgress>? progress, ILoggerFactory loggers, TextWriter? console)
{
    private static readonly string[] s_least = ["math"];

    private readonly ILogger _logger = loggers.CreateLogger<ReleasedFiles>();

    /// <summary>The repositories of a system, all complete.</summary>
    /// <exception cref="HubException">Something is missing and is not to be, or cannot be, downloaded; all of it is listed.</exception>
    public async Task<SystemFolder> FindAsync(StyleDefinition style, ReleasedSystem system, CancellationToken cancellationToken)
    {
        system = system with { Agents = [.. system.Agents.Where(agent => !options.Agents.ContainsKey(agent.Role))] };
        using HubClient? own = options.Hub is null ? new HubClient(new HubClientOptions { Offline = options.Offline ? true : null }, loggers) : null;
        HubClient hub = options.Hub ?? own!;
        if (await TryCacheAsync(hub, style, system, cancellationToken).ConfigureAwait(false) is { } here)
            return here;
        if (options.Download == MasDownload.Never || options.Offline || hub.IsOffline)
            throw await MissingAsync(hub, system, Refusal(hub), cancellationToken).ConfigureAwait(false);
        HubPlan plan = await hub.PlanAsync(system, null, cancellationToken).ConfigureAwait(false);
        if (!plan.IsComplete)
            await AnnounceAsync(hub, style, system, plan, cancellationToken).ConfigureAwait(false);
        await hub.DownloadAsync(plan, Listener(), cancellationToken).ConfigureAwait(false);
        return Found(hub, system, plan);
    }

    /// <summary>
    /// What is in the cache, if that is enough: for all tasks, or at least for the one that most questions are of; under the catalogue's owner, or as
    /// a copy of another.
    /// </summary>
    private async Task<SystemFolder?> TryCacheAsync(HubClient hub, StyleDefinition style, ReleasedSystem system, CancellationToken cancellationToken)
    {
        foreach (string[]? tasks in system.Tasks.Count == 0 ? [null] : new string[]?[] { null, s_least })
        {
            try
            {
                return Found(hub, system, await hub.PlanFromCacheAsync(system, tasks, cancellationToken).ConfigureAwait(false));
            }
            catch (HubException)
            {
                // Not enough; perhaps for fewer tasks, or the hub has what this copy lacks.
            }
        }

        SystemFolder cache = SystemFolder.OfCache(hub.Cache.Folder);
        bool others = system.Repositories.All(repository => hub.Cache.Find(repository) is null)
            && Needs.Repositories(style, options).All(repository => cache.Find(repository) is not null);
        return others ? cache : null;
    }

    private SnapshotFolder Found(HubClient hub, ReleasedSystem system, HubPlan plan)
    {
        string[] links = [.. plan.Repositories[^1].Files.Select(file => file.Path).Where(path => path.EndsWith(".pt", StringComparison.Ordinal))];
        _logger.LogInformation(
            "{System}: {Bytes} in {Cache}; outer links {Links}",
            system.Name,
            ByteText.Of(plan.Bytes),
            hub.Cache.Folder,
            string.Join(", ", links));
        return new SnapshotFolder(hub.Cache.Folder, plan);
    }

    private async Task AnnounceAsync(HubClient hub, StyleDefinition style, ReleasedSystem system, HubPlan plan, CancellationToken cancellationToken)
    {
        // A model that is not supported, or a system that does not fit into memory, is refused before its weights are fetched.
        FoundSystem headers = await RemoteHeaders.ReadAsync(hub, style, options, plan, cancellationToken).ConfigureAwait(false);
        MasMemoryEstimate memory = new SystemMemoryCheck(options, _logger).Require(headers).Estimate;
        var request = new MasDownloadRequest(system, plan, memory, hub.Cache.Folder);
        _logger.LogInformation("Downloading: {Request}", request);
        if (console is not null)
            await console.WriteLineAsync(request.ToString()).ConfigureAwait(false);
        if (options.Download != MasDownload.Ask)
            return;
        if (options.ConfirmDownload is not { } confirm)
            throw new InvalidOptionException(nameof(MasOptions.ConfirmDownload), $"{nameof(MasOptions.Download)} is {MasDownload.Ask}, but there is nobody " +
                $"to ask. Set it, or fetch the files with: recursivemas download {system.Name}");
        if (!await confirm(request, cancellationToken).ConfigureAwait(false))
            throw await MissingAsync(hub, system, "the download was declined", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The option that forbids a download; null if the client itself stays offline and says why.</summary>
    private string? Refusal(HubClient hub) =>
        hub.IsOffline ? null
        : options.Offline ? $"{nameof(MasOptions)}.{nameof(MasOptions.Offline)} is set"
        : $"{nameof(MasOptions)}.{nameof(MasOptions.Download)} is {MasDownload.Never}";

    /// <summary>The exception that lists what is missing, with another reason than the client's own.</summary>
    private static async Task<HubException> MissingAsync(HubClient hub, ReleasedSystem system, string? why, CancellationToken cancellationToken)
    {
        try
        {
            await hub.PlanFromCacheAsync(system, null, cancellationToken).ConfigureAwait(false);
            return new HubException(system.Name, "its files have been completed meanwhile. Load it again.");
        }
        catch (HubOfflineException error)
        {
            return why is null ? error : new HubOfflineException(hub.Cache.Folder, error.Missing, why, $"Fetch them with: recursivemas download {system.Name}");
        }
    }

    private DownloadListener? Listener() => progress is null && console is null ? null : new DownloadListener(progress, console);
}
