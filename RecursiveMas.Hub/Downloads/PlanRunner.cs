using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using RecursiveMas.Caches;
using RecursiveMas.Protocol;

namespace RecursiveMas.Downloads;

/// <summary>Downloads what a plan lacks, several files side by side, small ones first.</summary>
internal sealed class PlanRunner(HubHttp http, ILogger logger)
{
    private readonly BlobTransfer _transfer = new(http, logger);

    public async Task RunAsync(HubPlan plan, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        (HubPlannedRepository Repository, HubFile File)[] missing =
            [.. plan.Repositories.SelectMany(repository => repository.Missing.Select(file => (repository, file))).OrderBy(item => item.file.Size)];
        if (missing.Length > 0)
        {
            bool links = Prepare(plan, missing.Length);
            var meter = new ProgressMeter([.. missing.Select(item => item.File)], progress, logger, http.Settings.Clock);
            await DownloadAsync(missing, links, meter, cancellationToken).ConfigureAwait(false);
        }

        foreach (HubPlannedRepository repository in plan.Repositories)
            Complete(repository, written: missing.Length > 0);
    }

    private bool Prepare(HubPlan plan, int files)
    {
        string cache = http.Settings.CacheFolder;
        DiskSpace.Require(cache, plan.Repositories.Sum(repository => repository.Missing.Sum(file => Left(Layout(repository), file))), http.Settings.FreeSpace);
        return OnDisk(cache, () =>
        {
            CacheTag.Write(cache);
            foreach (HubPlannedRepository repository in plan.Repositories.Where(repository => repository.Missing.Count > 0))
            {
                CacheLayout layout = Layout(repository);
                Directory.CreateDirectory(layout.Root);
                AtomicFile.Sweep(layout);
                TreeFile.Write(layout, repository.Listing);
                WantedFiles.Add(layout, repository.Listing.Commit, repository.Files);
                logger.LogInformation(
                    "Downloading {Repository} at {Commit}: {Missing} of {Size}, {Count} of {Files} files", repository.Listing.Repository,
                    repository.Listing.Commit, ByteText.Of(repository.MissingBytes), ByteText.Of(repository.Bytes), repository.Missing.Count,
                    repository.Files.Count);
            }

            bool links = http.Settings.SymbolicLinks ?? SnapshotEntries.LinksAllowed(cache);
            if (!links)
                logger.LogInformation("{Cache}: symbolic links are not possible or not wanted; {Files} files go into snapshots themselves", cache, files);
            return links;
        });
    }

    private async Task DownloadAsync(
        (HubPlannedRepository Repository, HubFile File)[] missing,
        bool links,
        ProgressMeter meter,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ExceptionDispatchInfo? first = null;
        await Parallel.ForEachAsync(
            missing,
            new ParallelOptions { MaxDegreeOfParallelism = http.Settings.MaxParallelFiles, CancellationToken = CancellationToken.None },
            async (item, _) =>
            {
                if (stop.IsCancellationRequested)
                    return;
                try
                {
                    CacheLayout layout = Layout(item.Repository);
                    await _transfer.RunAsync(
                        layout,
                        item.Repository.Listing.Commit,
                        item.File,
                        links,
                        meter.File(layout.Repository, item.File),
                        stop.Token).ConfigureAwait(false);
                }
                catch (Exception error)
                {
                    // One failure ends the others, which keep what has arrived; it is the one to tell, not their cancellation.
                    if (error is not OperationCanceledException || cancellationToken.IsCancellationRequested || !stop.IsCancellationRequested)
                        Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(Explain(error)), null);
                    await stop.CancelAsync().ConfigureAwait(false);
                }
            }).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        first?.Throw();
    }

    /// <summary>Makes a revision point to its snapshot, which is whole now.</summary>
    private void Complete(HubPlannedRepository repository, bool written)
    {
        HubListing listing = repository.Listing;
        CacheLayout layout = Layout(repository);
        HubFile? lost = repository.Files.FirstOrDefault(file => !SnapshotEntries.IsComplete(layout, listing.Commit, file));
        if (lost is not null)
            throw new HubDiskException(
                layout.Entry(listing.Commit, lost.Path),
                "the file vanished while others were downloaded. Download again, and check what else works on the cache.");
        try
        {
            CacheReferences.Write(layout, listing.Revision, listing.Commit);
            WantedFiles.ForgetAbandoned(layout, listing.Commit);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A cache that is read only and complete serves as it is.
            if (written)
                throw Explain(error);
            logger.LogWarning(
                "{Cache}: {Revision} of {Repository} stays at an older commit, because the cache cannot be written: {Message}",
                layout.Cache, listing.Revision, listing.Repository, error.Message);
        }
    }

    private CacheLayout Layout(HubPlannedRepository repository) => new(http.Settings.CacheFolder, repository.Listing.Repository);

    private static long Left(CacheLayout layout, HubFile file) => Math.Max(0, file.Size - (SnapshotEntries.LengthOf(layout.Partial(file)) ?? 0));

    private T OnDisk<T>(string folder, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Explain(error, folder);
        }
    }

    /// <summary>Failures of the disk as an error that says so; others as they are.</summary>
    private Exception Explain(Exception error, string? folder = null) => error is UnauthorizedAccessException or (IOException and not HttpIOException)
        ? new HubDiskException(
            folder ?? http.Settings.CacheFolder,
            $"the cache cannot be written: {error.Message} Check free space and permissions; what has arrived is kept.",
            error)
        : error;
}
