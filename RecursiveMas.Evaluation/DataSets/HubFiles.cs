using System.Text;
using RecursiveMas.DataSets.Sets;

namespace RecursiveMas.DataSets;

/// <summary>Files of a data set, fetched from the hub.</summary>
internal static class HubFiles
{
    private const string Card = "README.md";

    /// <summary>Fetches the files of a split.</summary>
    /// <returns>Where they come from without hashes, and their places on this machine, in order.</returns>
    /// <exception cref="HubException">The hub refuses or cannot be reached, and the cache lacks something.</exception>
    /// <exception cref="DataSetException">There is no such split.</exception>
    public static async Task<(QuestionSource Source, string[] Paths, string Folder)> FetchAsync(
        PublishedSet set, QuestionSetOptions options, CancellationToken cancellationToken)
    {
        string split = options.Split ?? set.Split;
        string? configuration = options.Configuration ?? set.Configuration;
        var repository = new HubRepository(set.Repository!, HubRepositoryKind.Dataset);
        HubClient? own = options.Hub is null ? new HubClient() : null;
        try
        {
            HubClient hub = options.Hub ?? own!;
            HubListing listing = await hub.ListAsync(repository, options.Revision, cancellationToken).ConfigureAwait(false);
            string? card = listing.Find(Card) is { } readme
                ? Encoding.UTF8.GetString(await hub.ReadFileAsync(listing, readme, cancellationToken: cancellationToken).ConfigureAwait(false))
                : null;
            string[] paths = set.Files is { } fixedFiles && split == set.Split && configuration == set.Configuration
                && fixedFiles.All(path => listing.Find(path) is not null)
                    ? fixedFiles
                    : SplitFiles.Of([.. listing.Files.Select(file => file.Path)], card, configuration, split, repository.Id);
            // The card is kept too: without the network it says which files are meant.
            var download = new HubDownload(repository)
            {
                Revision = options.Revision,
                Filter = HubFileFilter.Of(files => files.Where(file => file.Path == Card || paths.Contains(file.Path))),
            };
            HubPlan plan = await hub.PlanAsync([download], cancellationToken).ConfigureAwait(false);
            await hub.DownloadAsync(plan, options.Progress, cancellationToken).ConfigureAwait(false);
            HubPlannedRepository planned = plan.Repositories[0];
            var source = new QuestionSource(repository.Id, split) { Configuration = configuration, Revision = planned.Listing.Commit };
            return (source, paths, planned.Folder);
        }
        finally
        {
            own?.Dispose();
        }
    }
}
