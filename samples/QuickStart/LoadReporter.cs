
namespace RecursiveMas.QuickStart;

/// <summary>Shows what is being downloaded and loaded, and how far: a status line on a terminal, else a line at most every few seconds.</summary>
internal sealed class LoadReporter(Screen screen, string system, TimeProvider clock) : IProgress<MasLoadProgress>
{
    private readonly TimeSpan _every = screen.IsLive ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(5);
    private long? _last;

    public void Report(MasLoadProgress value)
    {
        if (Text(value) is not { } text || (_last is { } last && clock.GetElapsedTime(last) < _every))
            return;
        _last = clock.GetTimestamp();
        if (screen.IsLive)
            screen.Status(text);
        else
            screen.Note($"{text}");
    }

    /// <summary>The system is loaded. A status line makes room for what comes next; where lines stay, the last one should not be about a part.</summary>
    public void Finish()
    {
        if (!screen.IsLive && _last is not null)
            screen.Note($"Loaded {system}.");
    }

    private string? Text(MasLoadProgress value) => value switch
    {
        { Download: { } download } => $"Downloading {value.Part}: {download}",
        { Weights: { } weights } =>
            $"Loading {system}: {value.Part} ({value.Done + 1} of {value.Total - 1}), {ByteText.Of(weights.Bytes)} of {ByteText.Of(weights.TotalBytes)}",
        _ => null,
    };
}
