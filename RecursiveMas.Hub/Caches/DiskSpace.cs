namespace RecursiveMas.Caches;

/// <summary>Whether the disk has enough space.</summary>
internal static class DiskSpace
{
    private const long Margin = 64L << 20;

    /// <summary>Free bytes of the disk that holds a folder, or will hold it; null if that cannot be known.</summary>
    public static long? Free(string folder)
    {
        try
        {
            string? existing = Path.GetFullPath(folder);
            while (existing is not null && !Directory.Exists(existing))
                existing = Path.GetDirectoryName(existing);
            return existing is null ? null : new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <exception cref="HubDiskException">There is not enough; the message says how much is needed and there.</exception>
    public static void Require(string folder, long bytes, Func<string, long?> free)
    {
        if (bytes > 0 && free(folder) is { } available && available < bytes + Margin)
        {
            throw new HubDiskException(
                folder,
                $"the download takes {ByteText.Of(bytes)} more, and the disk has {ByteText.Of(available)} free. " +
                "Free some space, or choose a folder on another disk (HF_HUB_CACHE, or the client's CacheFolder).");
        }
    }
}
