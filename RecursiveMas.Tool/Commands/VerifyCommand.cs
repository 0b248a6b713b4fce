using RecursiveMas.Tool.Output;

namespace RecursiveMas.Tool.Commands;

/// <summary>Reads files again and compares their hashes.</summary>
internal static class VerifyCommand
{
    public static async Task<int> RunAsync(CommandContext context, string[] names, bool repair, CancellationToken cancellationToken)
    {
        HubCache cache = context.Client.Cache;
        var results = new List<(HubListing Listing, IReadOnlyList<CachedFile> Files)>();
        foreach ((HubListing listing, IReadOnlyList<HubFile>? files) in await ListingsAsync(context, names, cancellationToken))
        {
            context.Output.Say($"{listing.Repository} at {listing.Commit}");
            IReadOnlyList<CachedFile> states = cache.Verify(listing, files, cancellationToken: cancellationToken);
            results.Add((listing, states));
            foreach (CachedFile file in states.Where(file => file.State != CachedFileState.Verified))
                context.Output.Say($"  {file.Path}: {Text(file.State)}");
            if (repair)
                cache.Discard(listing, states.Where(file => file.State == CachedFileState.Corrupt).Select(file => listing.Find(file.Path)!));
        }

        int Count(CachedFileState state) => results.Sum(result => result.Files.Count(file => file.State == state));
        (int good, int corrupt, int missing, int unknown) = (Count(CachedFileState.Verified), Count(CachedFileState.Corrupt), Count(CachedFileState.Missing), Count(CachedFileState.Unknown));
        context.Output.Result(
            new
            {
                Verified = good, Corrupt = corrupt, Missing = missing, Unknown = unknown, Repaired = repair && corrupt > 0,
                Repositories = results.Select(result => new { Repository = result.Listing.Repository.ToString(), result.Listing.Commit, result.Files }),
            },
            () =>
            {
                CommandOutput.Line($"{good} verified, {corrupt} damaged, {missing} missing, {unknown} of unknown hash");
                if (corrupt + missing > 0)
                    CommandOutput.Line(corrupt > 0 && !repair ? "Remove the damaged files with --repair, then download again." : "Download again to complete them.");
            });
        return corrupt + missing > 0 ? ExitCode.Missing : ExitCode.Done;
    }

    private static async Task<List<(HubListing, IReadOnlyList<HubFile>?)>> ListingsAsync(CommandContext context, string[] names, CancellationToken cancellationToken)
    {
        HubCache cache = context.Client.Cache;
        var listings = new List<(HubListing, IReadOnlyList<HubFile>?)>();
        if (names.Length == 0)
        {
            foreach (CachedRepository cached in cache.List())
                listings.AddRange(cached.Commits.Select(commit => cache.FindListing(cached.Repository, commit)).OfType<HubListing>().Select(listing => (listing, (IReadOnlyList<HubFile>?)null)));
            return listings;
        }

        foreach (Target target in names.Select(Target.Parse))
        {
            if (target.System is { } system)
            {
                HubPlan plan = await context.Client.PlanFromCacheAsync(system, cancellationToken: cancellationToken);
                listings.AddRange(plan.Repositories.Select(repository => (repository.Listing, (IReadOnlyList<HubFile>?)repository.Files)));
            }
            else
            {
                listings.Add((cache.FindListing(target.Repository!) ?? throw new HubNotFoundException(target.Name, $"is not in the cache {cache.Folder}."), null));
            }
        }

        return listings;
    }

    private static string Text(CachedFileState state) => state switch
    {
        CachedFileState.Corrupt => "damaged",
        CachedFileState.Missing => "missing or incomplete",
        CachedFileState.Unknown => "there, but the cache does not know its hash; download the repository once to learn it",
        _ => "verified",
    };
}
