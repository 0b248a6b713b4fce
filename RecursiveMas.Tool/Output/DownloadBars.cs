namespace RecursiveMas.Tool.Output;

/// <summary>Shows a download: bars with bytes, speed and time left on a terminal, a line now and then elsewhere.</summary>
internal static class DownloadBars
{
    private const int LineEvery = 5_000; // ms

    public static async Task RunAsync(CommandOutput output, HubPlan plan, Func<IProgress<DownloadProgress>?, Task> download)
    {
        if (plan.IsComplete || !output.IsTalkative || !HubClient.ShowsProgressBars)
        {
            await download(null);
        }
        else if (output.IsInteractive)
        {
            var lines = new ProgressLines("total", plan.MissingBytes);
            await output.DrawAsync(lines, () => download(new Bars(lines)));
        }
        else
        {
            await download(new Lines(output));
        }
    }

    // Progress<T> would report later and in any order; the client reports one at a time.
    private sealed class Bars(ProgressLines lines) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            lines.Move(value.Bytes, value.BytesPerSecond, value.Bytes < value.TotalBytes ? value.TimeLeft : null);
            lines.MoveFile($"{value.Repository.Name}/{value.File}", value.FileBytes, value.FileSize);
        }
    }

    private sealed class Lines(CommandOutput output) : IProgress<DownloadProgress>
    {
        private long _last = Environment.TickCount64;

        public void Report(DownloadProgress value)
        {
            if (value.FilesDone < value.FilesTotal && Environment.TickCount64 - _last < LineEvery)
                return;
            _last = Environment.TickCount64;
            output.Say($"{value}, {value.FilesDone} of {value.FilesTotal} files");
        }
    }
}
