using Spectre.Console;

namespace RecursiveMas.Tool.Output;

/// <summary>Shows a download: bars with bytes, speed and time left on a terminal, a line now and then elsewhere.</summary>
internal static class DownloadBars
{
    private const int LineEvery = 5_000; // ms

    public static async Task RunAsync(CommandOutput output, HubPlan plan, Func<IProgress<DownloadProgress>?, Task> download)
    {
        if (plan.IsComplete || !output.IsTalkative || !HubClient.ShowsProgressBars)
            await download(null);
        else if (output.IsInteractive)
            await BarsAsync(plan, download);
        else
            await download(new Lines(output));
    }

    private static Task BarsAsync(HubPlan plan, Func<IProgress<DownloadProgress>?, Task> download) => AnsiConsole.Progress()
        .AutoClear(false).HideCompleted(true)
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
        .StartAsync(async context =>
        {
            ProgressTask total = context.AddTask("[bold]total[/]", maxValue: Math.Max(plan.MissingBytes, 1));
            var files = new Dictionary<(HubRepository, string), ProgressTask>();
            await download(new Listener(progress =>
            {
                if (!files.TryGetValue((progress.Repository, progress.File), out ProgressTask? file))
                    files.Add((progress.Repository, progress.File), file = context.AddTask(Markup.Escape($"{progress.Repository.Name}/{progress.File}"), maxValue: Math.Max(progress.FileSize, 1)));
                file.Value = progress.FileSize == 0 ? 1 : progress.FileBytes;
                total.Value = progress.Bytes;
            }));
        });

    // Progress<T> would report later and in any order; the client reports one at a time.
    private sealed class Listener(Action<DownloadProgress> report) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => report(value);
    }

    private sealed class Lines(CommandOutput output) : IProgress<DownloadProgress>
    {
        private long _last = Environment.TickCount64;

        public void Report(DownloadProgress value)
        {
            if (value.FilesDone < value.FilesTotal && Environment.TickCount64 - _last < LineEvery)
                return;
            _last = Environment.TickCount64;
            string left = value.TimeLeft is { } time && value.Bytes < value.TotalBytes ? $", {time:h\\:mm\\:ss} left" : "";
            output.Say($"{ByteText.Of(value.Bytes)} of {ByteText.Of(value.TotalBytes)}, {ByteText.Of((long)value.BytesPerSecond)}/s{left}, {value.FilesDone} of {value.FilesTotal} files");
        }
    }
}
