using System.Text;

namespace RecursiveMas.Caches;

/// <summary>
/// <c>trees/COMMIT.wanted</c>: which files of a commit downloads have asked for, a path a line. The list of all files does not tell: most downloads leave
/// out some of them.
/// </summary>
internal static class WantedFiles
{
    private const long LargestFile = 64L << 20;

    /// <summary>Adds files to those that are wanted of a commit.</summary>
    public static void Add(CacheLayout layout, string commit, IEnumerable<HubFile> files)
    {
        HashSet<string> known = Read(layout, commit);
        string[] all = [.. known.Union(files.Select(file => file.Path)).Order(StringComparer.Ordinal)];
        if (all.Length > known.Count)
            AtomicFile.Write(layout, layout.Wanted(commit), Encoding.UTF8.GetBytes(string.Join('\n', all)));
    }

    /// <summary>
    /// The files of a list that should be there: those that downloads have asked for, those that are there in whole or in part, and those of which the
    /// beginning is kept.
    /// </summary>
    public static IReadOnlyList<HubFile> Of(CacheLayout layout, HubListing listing)
    {
        HashSet<string> wanted = Read(layout, listing.Commit), begun = wanted.Count > 0 || IsReferred(layout, listing.Commit) ? Begun(layout) : [];
        return
        [
            .. listing.Files.Where(file => wanted.Contains(file.Path)
                || begun.Contains(file.BlobName)
                || SnapshotEntries.IsThere(layout.Entry(listing.Commit, file.Path))),
        ];
    }

    /// <summary>
    /// Forgets interrupted downloads of commits for which no revision stands, when a revision has got another commit: nobody will go on with them.
    /// </summary>
    public static void ForgetAbandoned(CacheLayout layout, string commit)
    {
        if (!Directory.Exists(layout.Trees))
            return;
        HashSet<string> referred = [commit, .. CacheReferences.All(layout).Select(reference => reference.Commit)];
        foreach (string path in Directory.GetFiles(layout.Trees, "*" + CacheLayout.WantedSuffix))
        {
            string other = Path.GetFileNameWithoutExtension(path);
            if (!referred.Contains(other) && Read(layout, other).Any(file => SnapshotEntries.LengthOf(layout.Entry(other, file)) is null))
                File.Delete(path);
        }
    }

    private static bool IsReferred(CacheLayout layout, string commit) => CacheReferences.All(layout).Any(reference => reference.Commit == commit);

    private static HashSet<string> Read(CacheLayout layout, string commit)
    {
        string path = layout.Wanted(commit);
        return new FileInfo(path) is { Exists: true, Length: <= LargestFile } ? [.. File.ReadAllLines(path)] : [];
    }

    /// <summary>Names of blobs of which a part has arrived: HASH.SIZE.resumable, and HASH.incomplete where another tool has begun.</summary>
    private static HashSet<string> Begun(CacheLayout layout) => !Directory.Exists(layout.Blobs) ? [] :
    [
        .. Directory.EnumerateFiles(layout.Blobs)
            .Select(path => Path.GetFileName(path))
            .Where(name => name.IndexOf('.', StringComparison.Ordinal) > 0)
            .Select(name => name[..name.IndexOf('.', StringComparison.Ordinal)]),
    ];
}
