namespace RecursiveMas.Shared;

/// <summary>How much room a disk has.</summary>
internal static class FreeSpace
{
    /// <summary>Free bytes of the disk that holds a folder, or will hold it; null if that cannot be known.</summary>
    public static long? Of(string folder)
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
}
