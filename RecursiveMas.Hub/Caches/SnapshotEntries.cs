namespace RecursiveMas.Caches;

/// <summary><c>snapshots/COMMIT/PATH</c>: symbolic links to blobs, or the files themselves where links are not possible.</summary>
internal static class SnapshotEntries
{
    /// <summary>Whether a snapshot holds a file with all its bytes, as a link or as itself.</summary>
    public static bool IsComplete(CacheLayout layout, string commit, HubFile file) => LengthOf(layout.Entry(commit, file.Path)) == file.Size;

    /// <summary>Whether there is an entry, be it a link that leads nowhere.</summary>
    public static bool IsThere(string path) => new FileInfo(path) is { Exists: true } or { LinkTarget: not null };

    /// <summary>Length of a file, through links; null if there is none, or a link leads nowhere.</summary>
    public static long? LengthOf(string path)
    {
        try
        {
            // FileInfo.Length of a symbolic link is that of the link itself.
            using Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.GetLength(handle);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Makes a snapshot's entry for a blob that is there: a relative link, else a copy.</summary>
    public static void Link(CacheLayout layout, string commit, HubFile file, bool symbolicLinks)
    {
        string entry = Prepare(layout, commit, file), blob = layout.Blob(file), temporary = AtomicFile.Temporary(layout);
        if (symbolicLinks)
            File.CreateSymbolicLink(temporary, Path.GetRelativePath(Path.GetDirectoryName(entry)!, blob));
        else
            File.Copy(blob, temporary);
        File.Move(temporary, entry, overwrite: true);
    }

    /// <summary>Moves a verified file into a snapshot: the way of file systems without links, which keep no blobs.</summary>
    public static void MoveIn(CacheLayout layout, string commit, HubFile file, string from) =>
        File.Move(from, Prepare(layout, commit, file), overwrite: true);

    /// <summary>Whether the file system of a cache allows symbolic links; tried once a folder.</summary>
    public static bool LinksAllowed(string cache)
    {
        string probe = Path.Combine(cache, $".links-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(cache);
            File.CreateSymbolicLink(probe, "target");
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            TryDelete(probe);
        }
    }

    private static string Prepare(CacheLayout layout, string commit, HubFile file)
    {
        string entry = layout.Entry(commit, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(entry)!);
        return entry;
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A probe that cannot be removed does no harm.
        }
    }
}
