using RecursiveMas.Tool.Output;

namespace RecursiveMas.Tool.Commands;

/// <summary>Writes the folders that hold something.</summary>
internal static class WhereCommand
{
    public static async Task<int> RunAsync(CommandContext context, string? name, CancellationToken cancellationToken)
    {
        HubCache cache = context.Client.Cache;
        if (name is null)
        {
            context.Output.Result(new { Cache = cache.Folder }, () => CommandOutput.Line(cache.Folder));
            return ExitCode.Done;
        }

        Target target = Target.Parse(name);
        SystemState? state = target.System is { } system ? await SystemState.FindAsync(context.Client, system, cancellationToken) : null;
        (string Repository, string Folder)[] folders = state is not null
            ? [.. state.Require().Repositories.Select(repository => (repository.Listing.Repository.ToString(), repository.Folder))]
            : cache.FindListing(target.Repository!) is { } listing && Directory.Exists(cache.FolderOf(listing))
                ? [(name, cache.FolderOf(listing))]
                : throw new HubNotFoundException(name, $"is not in the cache {cache.Folder}. Fetch it with: recursivemas download {name}");
        context.Output.Result(
            new { Cache = cache.Folder, Tasks = state?.Tasks, Folders = folders.Select(entry => new { entry.Repository, entry.Folder }) },
            () =>
            {
                foreach ((_, string folder) in folders)
                    CommandOutput.Line(folder);
            });
        return ExitCode.Done;
    }
}
