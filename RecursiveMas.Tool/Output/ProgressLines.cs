using Spectre.Console;
using Spectre.Console.Rendering;

namespace RecursiveMas.Tool.Output;

/// <summary>
/// Lines of a terminal that show how far something is: one in total with speed and time left, one for each file that is under way, and the last warning.
/// </summary>
/// <param name="total">What the total is called.</param>
/// <param name="size">Bytes in all.</param>
internal sealed class ProgressLines(string total, long size) : Renderable
{
    private const int WarningShown = 15_000; // ms
    private const int WarningLines = 3;
    private const int Stalled = 3_000; // ms

    private readonly Lock _gate = new();
    private readonly List<Row> _files = [];
    private Row _total = new(total, 0, size);
    private double _bytesPerSecond;
    private TimeSpan? _left;
    private string? _warning;
    private long _warned;
    private long _moved = Environment.TickCount64;

    /// <summary>Bytes in all.</summary>
    public long Size => size;

    /// <summary>So many bytes are done.</summary>
    public void Move(long bytes, double bytesPerSecond, TimeSpan? left)
    {
        lock (_gate)
            (_total, _bytesPerSecond, _left, _moved) = (_total with { Done = bytes }, bytesPerSecond, left, Environment.TickCount64);
    }

    /// <summary>A file is at so many bytes; it is shown until it has all of them.</summary>
    public void MoveFile(string name, long bytes, long size)
    {
        lock (_gate)
        {
            int at = _files.FindIndex(file => file.Name == name);
            if (bytes >= size && at >= 0)
                _files.RemoveAt(at);
            else if (bytes < size && at >= 0)
                _files[at] = _files[at] with { Done = bytes };
            else if (bytes < size)
                _files.Add(new Row(name, bytes, size));
        }
    }

    public void Warn(string text)
    {
        lock (_gate)
            (_warning, _warned) = (text.ReplaceLineEndings(" "), Environment.TickCount64);
    }

    /// <summary>Only the total is left on the screen.</summary>
    public void End()
    {
        lock (_gate)
        {
            _files.Clear();
            (_left, _warning) = (null, null);
        }
    }

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        lock (_gate)
        {
            var columns = ProgressColumns.For(maxWidth);
            List<Segment> segments = [.. TotalLine(columns, options.Unicode)];
            foreach (Row file in _files)
                segments.AddRange(FileLine(columns, file, options.Unicode));
            if (_warning is { } warning && Environment.TickCount64 - _warned < WarningShown)
            {
                foreach (char[] line in warning.Chunk(Math.Max(1, maxWidth - ProgressColumns.Spare)).Take(WarningLines))
                    segments.AddRange([new Segment(new string(line), new Style(Color.Yellow)), Segment.LineBreak]);
            }

            return segments;
        }
    }

    private IEnumerable<Segment> TotalLine(ProgressColumns columns, bool unicode)
    {
        if (columns.Name > 0)
        {
            yield return new Segment(total + " ");
            foreach (Segment piece in Bar(_total, columns.Name - total.Length - 1, unicode))
                yield return piece;
            yield return new Segment(" ");
        }

        bool stalled = _total.Done < size && Environment.TickCount64 - _moved > Stalled;
        string speed = stalled ? "waiting" : _bytesPerSecond > 0 ? $"{ByteText.Of((long)_bytesPerSecond)}/s" : "";
        string left = !stalled && _left is { } time ? $"{time:h\\:mm\\:ss} left" : "";
        yield return new Segment((_total.Bytes.PadLeft(columns.Bytes) + (columns.Speed > 0 ? speed.PadLeft(columns.Speed) : "") +
            (columns.Left > 0 ? left.PadLeft(columns.Left) : "")).TrimEnd());
        yield return Segment.LineBreak;
    }

    private static IEnumerable<Segment> FileLine(ProgressColumns columns, Row file, bool unicode)
    {
        if (columns.Name > 0)
            yield return new Segment(ProgressColumns.Cut(file.Name, columns.Name).PadRight(columns.Name) + " ");
        yield return new Segment(file.Bytes.PadLeft(columns.Bytes) + "  ");
        foreach (Segment piece in Bar(file, columns.FileBar, unicode))
            yield return piece;
        yield return Segment.LineBreak;
    }

    private static IEnumerable<Segment> Bar(Row row, int width, bool unicode)
    {
        if (width <= 0)
            yield break;
        int full = row.Size == 0 ? width : (int)(width * (double)Math.Min(row.Done, row.Size) / row.Size);
        yield return new Segment(new string(unicode ? '━' : '#', full), new Style(Color.Green));
        yield return new Segment(new string(unicode ? '─' : '-', width - full), new Style(Color.Grey));
    }

    private sealed record Row(string Name, long Done, long Size)
    {
        public string Bytes => $"{ByteText.Of(Done)} of {ByteText.Of(Size)}";
    }
}
