using RecursiveMas.Repositories;

namespace RecursiveMas.Caches;

/// <summary>What a cache knows of a revision without the network.</summary>
internal static class SnapshotScan
{
    /// <summary>
    /// The files of a revision: from the list that a download has kept, else those that the snapshot holds. Null if the cache knows nothing of it.
    /// </summary>
    public static HubListing? Find(CacheLayout layout, string revision)
    {
        string? commit = CacheReferences.Read(layout, revision) ?? (revision == HubRevision.Main ? OnlyCommit(layout) : null);
        if (commit is null)
            return null;
        if (TreeFile.Read(layout, commit) is { } listed)
            return new HubListing(layout.Repository, revision, commit, listed);
        return Scan(layout, commit) is { } files ? new HubListing(layout.Repository, revision, commit, files) { IsScan = true } : null;
    }

    /// <summary>Files that a snapshot holds, where no list was kept. What is missing cannot be told from them.</summary>
    private static List<HubFile>? Scan(CacheLayout layout, string commit)
    {
        string folder = layout.Snapshot(commit);
        if (!Directory.Exists(folder))
            return null;
        var files = new List<HubFile>();
        foreach (string path in Directory.EnumerateFiles(
            folder,
            "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, MaxRecursionDepth = 32 }))
        {
            string name = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
            string? blob = File.ResolveLinkTarget(path, returnFinalTarget: false) is { } target ? Path.GetFileName(target.FullName) : null;
            if (SnapshotEntries.LengthOf(path) is { } length)
                files.Add(new HubFile(
                    name,
                    length,
                    blob is not null && ContentHash.IsGitId(blob) ? blob : "",
                    blob is not null && ContentHash.IsSha256(blob) ? blob : null));
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return files;
    }

    /// <summary>The commit of a cache that has only one and no reference, as after an interrupted download.</summary>
    private static string? OnlyCommit(CacheLayout layout)
    {
        string[] commits = [.. Commits(layout).Take(2)];
        return commits.Length == 1 ? commits[0] : null;
    }

    /// <summary>Commits of which the cache has a snapshot or a list of files.</summary>
    public static IEnumerable<string> Commits(CacheLayout layout)
    {
        IEnumerable<string> snapshots = Directory.Exists(layout.Snapshots)
            ? Directory.EnumerateDirectories(layout.Snapshots).Select(path => Path.GetFileName(path)!)
            : [];
        IEnumerable<string> trees = Directory.Exists(layout.Trees)
            ? Directory.EnumerateFiles(layout.Trees, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!)
            : [];
        return snapshots.Concat(trees).Where(HubRevision.IsCommit).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
    }
}
