using System.Text;
using RecursiveMas.Repositories;

namespace RecursiveMas.Caches;

/// <summary><c>refs/REVISION</c>: text files that hold the commit of a branch or tag.</summary>
internal static class CacheReferences
{
    private const int CommitDigits = 40;

    /// <summary>The commit that the cache has for a revision; null if it has none.</summary>
    public static string? Read(CacheLayout layout, string revision)
    {
        if (HubRevision.IsCommit(revision))
            return revision;
        string path = layout.Reference(revision);
        try
        {
            using FileStream stream = File.OpenRead(path);
            Span<byte> bytes = stackalloc byte[CommitDigits + 2];
            int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            string commit = Encoding.ASCII.GetString(bytes[..read]).Trim();
            return HubRevision.IsCommit(commit) ? commit : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Records the commit of a revision, by replacing the file as a whole.</summary>
    public static void Write(CacheLayout layout, string revision, string commit)
    {
        if (!HubRevision.IsCommit(revision) && Read(layout, revision) != commit)
            AtomicFile.Write(layout, layout.Reference(revision), Encoding.ASCII.GetBytes(commit));
    }

    /// <summary>All revisions that the cache knows, with their commits.</summary>
    public static IEnumerable<(string Revision, string Commit)> All(CacheLayout layout)
    {
        if (!Directory.Exists(layout.References))
            yield break;
        foreach (string path in Directory.EnumerateFiles(layout.References, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string revision = Path.GetRelativePath(layout.References, path).Replace(Path.DirectorySeparatorChar, '/');
            if (Read(layout, revision) is { } commit)
                yield return (revision, commit);
        }
    }
}
