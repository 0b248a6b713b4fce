namespace RecursiveMas.Caches;

/// <summary>Writes small files so that a reader sees the old or the new content, never a part.</summary>
internal static class AtomicFile
{
    private const string Suffix = ".writing";
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);

    public static void Write(CacheLayout layout, string path, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = Temporary(layout);
        try
        {
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>A new name on the same disk, where no tool looks for references or snapshots.</summary>
    public static string Temporary(CacheLayout layout) => Path.Combine(layout.Root, $".{Guid.NewGuid():N}{Suffix}");

    /// <summary>Removes what writers left behind that were killed long ago.</summary>
    public static void Sweep(CacheLayout layout)
    {
        foreach (FileInfo file in new DirectoryInfo(layout.Root).EnumerateFiles($".*{Suffix}"))
        {
            if (DateTime.UtcNow - file.LastWriteTimeUtc > s_abandoned)
                file.Delete();
        }
    }
}
