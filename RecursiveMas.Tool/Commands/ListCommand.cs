using RecursiveMas.Tool.Output;

namespace RecursiveMas.Tool.Commands;

/// <summary>Systems and repositories, and what of them is on this machine.</summary>
internal static class ListCommand
{
    public static async Task<int> RunAsync(CommandContext context, string? name, CancellationToken cancellationToken)
    {
        if (name is null)
            await AllAsync(context, cancellationToken);
        else
            await OneAsync(context, Target.Parse(name), cancellationToken);
        return ExitCode.Done;
    }

    private static async Task AllAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var systems = new List<(ReleasedSystem System, string State)>();
        foreach (ReleasedSystem system in ReleasedSystems.All)
            systems.Add((system, await StateAsync(context, system, cancellationToken)));
        CachedRepository[] others = [.. context.Client.Cache.List().Where(cached => ReleasedSystems.TryFind(cached.Repository) is null)];
        context.Output.Result(
            new
            {
                Cache = context.Client.Cache.Folder,
                Systems = systems.Select(entry => new { entry.System.Name, entry.State, ApproximateBytes = entry.System.ApproximateBytes, Repositories = entry.System.Repositories.Select(repository => repository.ToString()) }),
                Others = others.Select(cached => new { Repository = cached.Repository.ToString(), cached.Bytes, cached.Folder, cached.Revisions }),
            },
            () =>
            {
                CommandOutput.Table(
                    ["system", "agents", "size", "on this machine"],
                    systems.Select(entry => new[] { entry.System.Name, string.Join(", ", entry.System.Agents.Select(agent => agent.Role)), "about " + ByteText.Of(entry.System.ApproximateBytes), entry.State }));
                if (others.Length > 0)
                    CommandOutput.Table(["other repositories in the cache", "on disk"], others.Select(cached => new[] { cached.Repository.ToString(), ByteText.Of(cached.Bytes) }));
                CommandOutput.Line($"Cache: {context.Client.Cache.Folder}");
            });
    }

    private static async Task OneAsync(CommandContext context, Target target, CancellationToken cancellationToken)
    {
        HubCache cache = context.Client.Cache;
        var rows = new List<(HubRepository Repository, string Role, string Licence, long? Bytes, long? OnDisk)>();
        foreach (HubRepository repository in target.Repositories)
        {
            ReleasedAgent? agent = target.System?.Agents.FirstOrDefault(agent => agent.Repository == repository);
            long? bytes = cache.FindListing(repository) is { } listing ? listing.Files.Sum(file => file.Size) : agent?.ApproximateBytes;
            if (bytes is null && !context.Client.IsOffline)
                bytes = await SizeAsync(context, repository, cancellationToken);
            rows.Add((repository, agent?.Role ?? (target.System is null ? "" : "links"), Target.LicenceOf(repository), bytes, cache.Find(repository)?.Bytes));
        }

        context.Output.Result(
            new { target.Name, Repositories = rows.Select(row => new { Repository = row.Repository.ToString(), row.Role, row.Licence, row.Bytes, row.OnDisk }) },
            () => CommandOutput.Table(
                ["repository", "role", "licence", "size", "on disk"],
                rows.Select(row => new[] { row.Repository.ToString(), row.Role, row.Licence, row.Bytes is { } bytes ? ByteText.Of(bytes) : "unknown", row.OnDisk is { } disk ? ByteText.Of(disk) : "nothing" })));
    }

    private static async Task<long?> SizeAsync(CommandContext context, HubRepository repository, CancellationToken cancellationToken)
    {
        try
        {
            return (await context.Client.ListAsync(repository, cancellationToken: cancellationToken)).Files.Sum(file => file.Size);
        }
        catch (HubConnectionException)
        {
            // The list is of this machine; what the hub would add is missing from it, and shown as unknown.
            return null;
        }
    }

    private static async Task<string> StateAsync(CommandContext context, ReleasedSystem system, CancellationToken cancellationToken)
    {
        try
        {
            HubPlan plan = await context.Client.PlanFromCacheAsync(system, cancellationToken: cancellationToken);
            return $"complete, {ByteText.Of(plan.Bytes)}";
        }
        catch (HubOfflineException)
        {
            long here = system.Repositories.Sum(repository => context.Client.Cache.Find(repository)?.Bytes ?? 0);
            return here == 0 ? "no" : $"in part, {ByteText.Of(here)}";
        }
        catch (HubException error)
        {
            return error.Message;
        }
    }
}
