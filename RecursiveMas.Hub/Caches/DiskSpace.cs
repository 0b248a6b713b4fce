namespace RecursiveMas.Caches;

/// <summary>Whether the disk has enough space.</summary>
internal static class DiskSpace
{
    private const long Margin = 64L << 20;

    /// <exception cref="HubDiskException">
    /// There is not enough; the message says how much is needed and there. Or the folder cannot be written, whatever the disk has.
    /// </exception>
    public static void Require(string folder, long bytes, Func<string, long?> free)
    {
        if (bytes == 0 || free(folder) is not { } available || available >= bytes + Margin)
            return;
        // What can only be read, such as a mounted image or a folder of the kernel, has no free space either.
        RequireWritable(folder);
        throw new HubDiskException(
            folder,
            $"the download takes {ByteText.Of(bytes)} more, and {ByteText.Of(Margin)} are left free for everything else, but the disk has " +
            $"{ByteText.Of(available)} free. Free some space, or choose a folder on another disk (HF_HUB_CACHE, or the client's CacheFolder).");
    }

    /// <exception cref="HubDiskException">The folder, or where it is not there a folder above it, cannot be written.</exception>
    private static void RequireWritable(string folder)
    {
        string probe = Path.Combine(folder, $".probe-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            // Takes no space, so that a full disk does not hinder it.
            File.Create(probe, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new HubDiskException(
                folder,
                $"the cache cannot be written here: {error.Message} Choose another folder (HF_HUB_CACHE, or the client's CacheFolder), or allow writing.",
                error);
        }
    }
}
