namespace RecursiveMas.Caches;

/// <summary>
/// The advisory lock of a blob, which Python tools take as well: <c>flock</c> on Unix, an exclusively opened file on Windows. It goes with
/// the process that held it, so a killed one leaves a file behind but no lock.
/// </summary>
internal sealed class BlobLock : IDisposable
{
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(200);

    private readonly FileStream _file;

    private BlobLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock.</summary>
    /// <param name="path">The lock file; it and its folder are created.</param>
    /// <param name="waiting">Called once if somebody else has the lock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<BlobLock> AcquireAsync(string path, Action waiting, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        bool told = false;
        for (TimeSpan wait = s_firstWait; ; wait = wait * 2 < s_longestWait ? wait * 2 : s_longestWait)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryAcquire(path) is { } taken)
                return taken;
            if (!told)
                waiting();
            told = true;
            await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the lock; null if somebody else has it.</summary>
    public static BlobLock? TryAcquire(string path)
    {
        try
        {
            return new BlobLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException error) when (IsTaken(error))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>A sharing violation on Windows, EWOULDBLOCK elsewhere; anything else, such as a full disk, is no reason to wait.</summary>
    private static bool IsTaken(IOException error)
    {
        const int SharingViolation = unchecked((int)0x80070020);
        return error.GetType() == typeof(IOException) && (error.HResult == SharingViolation || error.HResult is 11 or 35);
    }
}
