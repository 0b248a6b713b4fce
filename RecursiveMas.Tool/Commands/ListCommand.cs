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
        HubCache cache = context.Client.Cache;
        var systems = new List<(ReleasedSystem System, SystemState State, long OnDisk)>();
        foreach (ReleasedSystem system in ReleasedSystems.All)
            systems.Add((system,
                await SystemState.FindAsync(context.Client, system, cancellationToken),
                system.Repositories.Sum(repository => cache.Find(repository)?.Bytes ?? 0)));
        CachedRepository[] others = [.. cache.List().Where(cached => ReleasedSystems.TryFind(cached.Repository) is null)];
        context.Output.Result(
            new
            {
                Cache = cache.Folder,
                Systems = systems.Select(entry => new
                {
                    entry.System.Name,
                    entry.State.IsComplete,
                    CompleteTasks = entry.State.Tasks,
                    BytesOnDisk = entry.OnDisk,
                    entry.System.ApproximateBytes,
                    Repositories = entry.System.Repositories.Select(repository => repository.ToString()),
                }),
                Others = others.Select(cached => new { Repository = cached.Repository.ToString(), cached.Bytes, cached.Folder, cached.Revisions }),
            },
            () =>
            {
                CommandOutput.Table(
                    ["system", "agents", "size", "on this machine"],
                    systems.Select(entry => new[]
                    {
                        entry.System.Name, string.Join(", ", entry.System.Agents.Select(agent => agent.Role)),
                        "about " + ByteText.Of(entry.System.ApproximateBytes), Text(entry.State, entry.OnDisk),
                    }));
                if (others.Length > 0)
                    CommandOutput.Table(
                        ["other repositories in the cache", "on disk"],
                        others.Select(cached => new[] { cached.Repository.ToString(), ByteText.Of(cached.Bytes) }));
                CommandOutput.Line($"Cache: {cache.Folder}");
            });
    }

    private static string Text(SystemState state, long onDisk) =>
        state.IsComplete ? $"complete, {ByteText.Of(onDisk)}"
        : state.Plan is not null ? $"complete for {string.Join(", ", state.Tasks)}, {ByteText.Of(onDisk)}"
        : onDisk > 0 ? $"in part, {ByteText.Of(onDisk)}"
        : "no";

    private static async Task OneAsync(CommandContext context, Target target, CancellationToken cancellationToken)
    {
        HubCache cache = context.Client.Cache;
        var rows = new List<(HubRepository Repository, string Role, string Licence, long? Bytes, bool Approximate, long? OnDisk)>();
        foreach (HubRepository repository in target.Repositories)
        {
            ReleasedAgent? agent = target.System?.Agents.FirstOrDefault(agent => agent.Repository == repository);
            long? guessed = target.System is { } system
                ? agent?.ApproximateBytes ?? system.ApproximateBytes - system.Agents.Sum(other => other.ApproximateBytes)
                : null;
            // What the catalogue knows is not asked for.
            HubListing? listing = cache.FindListing(repository)
                ?? (guessed is null && !context.Client.IsOffline ? await FromHubAsync(context, repository, cancellationToken) : null);
            long? known = listing?.Files.Sum(file => file.Size);
            rows.Add((repository, agent?.Role ?? (target.System is null ? "" : "links"), Target.LicenceOf(repository, listing), known
                ?? guessed, known is null && guessed is not null, cache.Find(repository)?.Bytes));
        }

        string[] columns = ["repository", "role", "licence", "size", "on disk"];
        int[] shown = target.System is null ? [0, 2, 3, 4] : [0, 1, 2, 3, 4];
        context.Output.Result(
            new { target.Name, Repositories = rows
                .Select(row => new { Repository = row.Repository.ToString(), row.Role, row.Licence, row.Bytes, IsApproximate = row.Approximate, row.OnDisk }) },
            () => CommandOutput.Table(
                [.. shown.Select(column => columns[column])],
                rows.Select(row => new[]
                {
                    row.Repository.ToString(),
                    row.Role,
                    row.Licence,
                    row.Bytes is { } bytes ? (row.Approximate ? "about " : "") + ByteText.Of(bytes) : "unknown",
                    row.OnDisk is { } disk ? ByteText.Of(disk) : "nothing",
                }).Select(row => shown.Select(column => row[column]).ToArray())));
    }

    private static async Task<HubListing?> FromHubAsync(CommandContext context, HubRepository repository, CancellationToken cancellationToken)
    {
        try
        {
            return await context.Client.ListAsync(repository, cancellationToken: cancellationToken);
        }
        catch (HubException error) when (error is HubConnectionException or HubOfflineException)
        {
            // The list is of this machine; what the hub would add is missing from it, and shown as unknown.
            return null;
        }
    }
}
