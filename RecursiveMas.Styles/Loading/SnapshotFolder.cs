namespace RecursiveMas.Loading;

/// <summary>The snapshots of a plan: exactly the commits that were checked, whatever else a cache holds.</summary>
internal sealed class SnapshotFolder(string cache, HubPlan plan) : SystemFolder
{
    private readonly Dictionary<string, string> _folders =
        plan.Repositories.ToDictionary(repository => repository.Listing.Repository.Name, repository => repository.Folder, StringComparer.Ordinal);

    public override string Name => cache;

    public override IReadOnlyList<string> Repositories => [.. _folders.Keys.Order(StringComparer.Ordinal)];

    public override CheckpointFolder? Find(string repository) =>
        _folders.TryGetValue(repository, out string? folder) ? CheckpointFolder.FromDirectory(folder) : null;
}
