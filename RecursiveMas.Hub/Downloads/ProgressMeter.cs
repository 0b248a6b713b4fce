using Microsoft.Extensions.Logging;

namespace RecursiveMas.Downloads;

/// <summary>Counts the bytes of one download over all its files, and tells a listener and the log.</summary>
internal sealed class ProgressMeter(IReadOnlyCollection<HubFile> files, IProgress<DownloadProgress>? listener, ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan s_reportEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_logEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly long _total = files.Sum(file => file.Size);
    private readonly Queue<(long Time, long Arrived)> _samples = new();
    private long _bytes;
    private long _arrived;
    private int _done;
    private long _lastLog = clock.GetTimestamp();

    /// <summary>Counts one file.</summary>
    public FileMeter File(HubRepository repository, HubFile file) => new(this, repository, file);

    private void Move(FileMeter meter, long bytes, bool arrived, bool done)
    {
        lock (_gate)
        {
            long now = clock.GetTimestamp();
            meter.Bytes += bytes;
            _bytes += bytes;
            _arrived += arrived ? bytes : 0;
            _done += done ? 1 : 0;
            if (listener is null && !logger.IsEnabled(LogLevel.Information))
                return;
            if (!done && meter.LastReport is { } last && clock.GetElapsedTime(last, now) < s_reportEvery)
                return;
            meter.LastReport = now;
            var progress = new DownloadProgress(
                meter.Repository,
                meter.File.Path, meter.Bytes, meter.File.Size, _bytes, _total, _done, files.Count, Speed(now));
            listener?.Report(progress);
            if (clock.GetElapsedTime(_lastLog, now) >= s_logEvery)
            {
                _lastLog = now;
                logger.LogInformation("Downloading: {Progress}, {FilesDone} of {Files} files", progress, progress.FilesDone, progress.FilesTotal);
            }
        }
    }

    private double Speed(long now)
    {
        _samples.Enqueue((now, _arrived));
        while (_samples.Count > 2 && clock.GetElapsedTime(_samples.Peek().Time, now) > s_window)
            _samples.Dequeue();
        (long time, long arrived) = _samples.Peek();
        double seconds = clock.GetElapsedTime(time, now).TotalSeconds;
        return seconds > 0 ? (_arrived - arrived) / seconds : 0;
    }

    /// <summary>The bytes of one file.</summary>
    internal sealed class FileMeter(ProgressMeter meter, HubRepository repository, HubFile file)
    {
        public HubRepository Repository => repository;

        public HubFile File => file;

        public long Bytes { get; set; }

        public long? LastReport { get; set; }

        /// <summary>Bytes came over the network.</summary>
        public void Arrived(long bytes) => meter.Move(this, bytes, arrived: true, done: false);

        /// <summary>Bytes of an earlier try were found.</summary>
        public void Found(long bytes) => meter.Move(this, bytes, arrived: false, done: false);

        /// <summary>The file starts from nothing again.</summary>
        public void Restart() => meter.Move(this, -Bytes, arrived: false, done: false);

        /// <summary>The file is complete, whoever brought it.</summary>
        public void Done() => meter.Move(this, file.Size - Bytes, arrived: false, done: true);
    }
}
