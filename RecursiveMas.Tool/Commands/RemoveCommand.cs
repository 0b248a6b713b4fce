using RecursiveMas.Tool.Output;

namespace RecursiveMas.Tool.Commands;

/// <summary>Removes repositories from the cache.</summary>
internal static class RemoveCommand
{
    public static async Task<int> RunAsync(CommandContext context, string[] names, bool yes, CancellationToken cancellationToken)
    {
        HubCache cache = context.Client.Cache;
        CachedRepository[] found =
        [
            .. names.Select(Target.Parse).SelectMany(target => target.Repositories).Distinct().Select(cache.Find).OfType<CachedRepository>(),
        ];
        if (found.Length == 0)
            throw new HubNotFoundException(string.Join(' ', names), $"is not in the cache {cache.Folder}.");
        if (!yes)
        {
            string what = $"{string.Join(", ", found.Select(cached => cached.Repository))} ({ByteText.Of(found.Sum(cached => cached.Bytes))})";
            bool agreed = await context.Output.ConfirmAsync($"Remove {what}?", byDefault: false, cancellationToken)
                ?? throw new InvalidOptionException("--yes", $"nobody can be asked whether to remove {what}. Add --yes.");
            if (!agreed)
                return ExitCode.Cancelled;
        }

        (HubRepository Repository, long Bytes)[] removed = [.. found.Select(cached => (cached.Repository, cache.Remove(cached.Repository) ?? 0))];
        context.Output.Result(
            new { Bytes = removed
                .Sum(entry => entry.Bytes), Repositories = removed.Select(entry => new { Repository = entry.Repository.ToString(), entry.Bytes }) },
            () =>
            {
                foreach ((HubRepository repository, long bytes) in removed)
                    CommandOutput.Line($"removed {repository}, {ByteText.Of(bytes)}");
            });
        return ExitCode.Done;
    }
}
