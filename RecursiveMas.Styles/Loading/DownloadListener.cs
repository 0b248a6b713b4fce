namespace RecursiveMas.Loading;

/// <summary>Hands the progress of a download to the listener of loading, or writes a line now and then where nobody listens.</summary>
internal sealed class DownloadListener(IProgress<MasLoadProgress>? progress, TextWriter? console) : IProgress<DownloadProgress>
{
    private const int LineEvery = 5_000; // ms

    private long _last = Environment.TickCount64;

    public void Report(DownloadProgress value)
    {
        progress?.Report(new MasLoadProgress(0, 0, value.File) { Download = value });
        if (console is null || (value.FilesDone < value.FilesTotal && Environment.TickCount64 - _last < LineEvery))
            return;
        _last = Environment.TickCount64;
        console.WriteLine(value);
    }
}
