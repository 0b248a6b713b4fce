namespace RecursiveMas;

/// <summary>How far a download has come. What was in the cache before does not count.</summary>
/// <param name="Repository">Repository of the file that moved.</param>
/// <param name="File">The file that moved.</param>
/// <param name="FileBytes">Bytes of the file that are here, those of an interrupted download included.</param>
/// <param name="FileSize">Size of the file.</param>
/// <param name="Bytes">Bytes of all files that are here.</param>
/// <param name="TotalBytes">Size of all files that the cache lacked.</param>
/// <param name="FilesDone">Files that are complete and verified.</param>
/// <param name="FilesTotal">Files that the cache lacked.</param>
/// <param name="BytesPerSecond">Speed of the last seconds.</param>
public sealed record DownloadProgress(
    HubRepository Repository,
    string File,
    long FileBytes,
    long FileSize,
    long Bytes,
    long TotalBytes,
    int FilesDone,
    int FilesTotal,
    double BytesPerSecond)
{
    /// <summary>Time that is left at this speed; null while there is none.</summary>
    public TimeSpan? TimeLeft =>
        BytesPerSecond > 0 ? TimeSpan.FromSeconds(Math.Min((TotalBytes - Bytes) / BytesPerSecond, TimeSpan.MaxValue.TotalSeconds / 2)) : null;

    /// <summary>For people: bytes of all files, speed and the time that is left, such as "1.00 GB of 4.00 GB, 50.0 MB/s, 0:01:00 left".</summary>
    public override string ToString()
    {
        string left = TimeLeft is { } time && Bytes < TotalBytes ? $", {time:h\\:mm\\:ss} left" : "";
        return $"{ByteText.Of(Bytes)} of {ByteText.Of(TotalBytes)}, {ByteText.Of((long)BytesPerSecond)}/s{left}";
    }
}
