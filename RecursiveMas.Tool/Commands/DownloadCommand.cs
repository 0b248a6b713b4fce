using RecursiveMas.Tool.Output;

namespace RecursiveMas.Tool.Commands;

/// <summary>What to download.</summary>
internal sealed record DownloadRequest(string[] Names, string[] Tasks, string? Revision, string[] Include, string[] Exclude, bool AllFormats, bool Yes);

/// <summary>Downloads systems and repositories: first says what and under which licences, then fetches and verifies.</summary>
internal static class DownloadCommand
{
    public static async Task<int> RunAsync(CommandContext context, DownloadRequest request, CancellationToken cancellationToken)
    {
        HubPlan plan = await PlanAsync(context, request, cancellationToken);
        if (!plan.IsComplete && context.Output.IsTalkative)
        {
            CommandOutput.Table(
                ["repository", "licence", "size", "to download"],
                plan.Repositories.Select(repository => new[]
                {
                    repository.Listing.Repository.ToString(), LicenceOf(repository), ByteText.Of(repository.Bytes),
                    ByteText.Of(repository.MissingBytes - repository.ArrivedBytes),
                }));
            string arrived = plan.ArrivedBytes > 0 ? $" {ByteText.Of(plan.ArrivedBytes)} are here from an interrupted download." : "";
            CommandOutput.Line(
                $"{ByteText.Of(plan.MissingBytes - plan.ArrivedBytes)} of {ByteText.Of(plan.Bytes)} have to be downloaded, " +
                $"to {context.Client.Cache.Folder}.{arrived}");
            if (!request.Yes && await context.Output.ConfirmAsync("Download?", byDefault: true, cancellationToken) == false)
                return ExitCode.Cancelled;
        }

        await DownloadBars.RunAsync(context.Output, plan, progress => context.Client.DownloadAsync(plan, progress, cancellationToken));
        context.Output.Result(
            new
            {
                DownloadedBytes = plan.MissingBytes - plan.ArrivedBytes,
                Bytes = plan.Bytes,
                Repositories = plan.Repositories.Select(repository => new
                {
                    Repository = repository.Listing.Repository.ToString(),
                    repository.Listing.Revision,
                    repository.Listing.Commit,
                    Licence = LicenceOf(repository),
                    repository.Folder,
                    repository.Bytes,
                    DownloadedBytes = repository.MissingBytes - repository.ArrivedBytes,
                    Files = repository.Files.Select(file => new { file.Path, file.Size, file.Sha256, GitId = file.Sha256 is null ? file.GitId : null }),
                }),
            },
            () =>
            {
                context.Output.Say(plan.IsComplete ? "Everything is here." : "Downloaded and verified.");
                foreach (HubPlannedRepository repository in plan.Repositories)
                    CommandOutput.Line(repository.Folder);
            });
        return ExitCode.Done;
    }

    private static string LicenceOf(HubPlannedRepository repository) => Target.LicenceOf(repository.Listing.Repository, repository.Listing);

    private static async Task<HubPlan> PlanAsync(CommandContext context, DownloadRequest request, CancellationToken cancellationToken)
    {
        Target[] targets = [.. request.Names.Select(Target.Parse)];
        if (targets.Any(target => target.System is not null)
            && (request.Revision is not null || request.AllFormats || request.Include.Length + request.Exclude.Length > 0))
            throw new InvalidOptionException(
                request.Revision is not null ? "--revision" : request.AllFormats ? "--all-formats" : request.Include.Length > 0 ? "--include" : "--exclude",
                "a system knows its own revisions and files; --revision, --include, --exclude and --all-formats are for repositories.");
        if (targets.Any(target => target.System is null) && request.Tasks.Length > 0)
            throw new InvalidOptionException("--task", "tasks are for systems; a repository has none.");
        HubFileFilter filter = request.Include.Length + request.Exclude.Length > 0 ? HubFileFilter.Patterns(request.Include, request.Exclude)
            : request.AllFormats ? HubFileFilter.All
            : HubFileFilter.WeightsOnce;
        var repositories = new List<HubPlannedRepository>();
        foreach (Target target in targets)
        {
            HubPlan plan = target.System is { } system
                ? await context.Client.PlanAsync(system, request.Tasks.Length > 0 ? request.Tasks : null, cancellationToken)
                : await context.Client.PlanAsync([new HubDownload(target.Repository!) { Revision = request.Revision, Filter = filter }], cancellationToken);
            repositories.AddRange(plan.Repositories);
        }

        string? empty = repositories.Find(repository => repository.Files.Count == 0)?.Listing.Repository.ToString();
        return empty is null ? new HubPlan(repositories) : throw new InvalidOptionException("--include", $"no file of {empty} is wanted by these patterns.");
    }
}
