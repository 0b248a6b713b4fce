using Microsoft.Extensions.Logging;
using RecursiveMas.Caches;
using RecursiveMas.Protocol;

namespace RecursiveMas.Downloads;

/// <summary>Finds out which files are wanted and which of them are here.</summary>
internal sealed class PlanMaker(HubHttp http, RepositoryLister lister, ILogger logger)
{
    /// <summary>A listing from the hub, or from the cache where the hub cannot be reached.</summary>
    /// <returns>The listing, null if there is none; and why the hub was not reached.</returns>
    public async Task<(HubListing? Listing, HubConnectionException? Unreachable)> ListAsync(
        HubRepository repository,
        string revision,
        bool fromCache,
        CancellationToken cancellationToken)
    {
        CacheLayout layout = Layout(repository);
        if (fromCache)
            return (SnapshotScan.Find(layout, revision), null);
        try
        {
            (string commit, string? licence) = await lister.ResolveAsync(repository, revision, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<HubFile> files = TreeFile.Read(layout, commit) ?? await lister.ListAsync(repository, commit, cancellationToken).ConfigureAwait(false);
            return (new HubListing(repository, revision, commit, files) { Licence = licence }, null);
        }
        catch (HubConnectionException error)
        {
            HubListing? cached = SnapshotScan.Find(layout, revision);
            if (cached is not null)
                logger.LogWarning("{Message} Using what the cache has of {Repository}: commit {Commit}", error.Message, repository, cached.Commit);
            return (cached, error);
        }
    }

    /// <summary>What of a listing is wanted and what of that is here.</summary>
    /// <param name="listing">The listing.</param>
    /// <param name="filter">What is wanted.</param>
    /// <param name="read">Reads a file that decides what is wanted.</param>
    public async Task<HubPlannedRepository> PlanAsync(HubListing listing, HubFileFilter filter, Func<HubFile, Task<byte[]>> read)
    {
        IReadOnlyList<HubFile> files = await filter.ChooseAsync(listing, read).ConfigureAwait(false);
        if (listing.IsScan)
            logger.LogInformation("{Repository}: the cache has no list of its files; those that are there are used", listing.Repository);
        IReadOnlyList<HubFile> missing = Missing(listing, files);
        CacheLayout layout = Layout(listing.Repository);
        return new HubPlannedRepository
        {
            Listing = listing,
            Files = files,
            Missing = missing,
            ArrivedBytes = missing.DistinctBy(file => file.BlobName).Sum(file => Math.Min(SnapshotEntries.LengthOf(layout.Partial(file)) ?? 0, file.Size)),
            Folder = layout.Snapshot(listing.Commit),
        };
    }

    /// <summary>Which files are not here.</summary>
    public IReadOnlyList<HubFile> Missing(HubListing listing, IReadOnlyList<HubFile> files)
    {
        CacheLayout layout = Layout(listing.Repository);
        return [.. files.Where(file => !SnapshotEntries.IsComplete(layout, listing.Commit, file))];
    }

    private CacheLayout Layout(HubRepository repository) => new(http.Settings.CacheFolder, repository);
}
