using System.Globalization;
using RecursiveMas.Shared;

namespace RecursiveMas.Tracing;

/// <summary>One line of a plot.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Colour">Its place among the colours.</param>
/// <param name="Points">Its points by round, with the range around each.</param>
internal sealed record TraceSeries(string Name, int Colour, IReadOnlyList<(int Round, double Low, double Value, double High)> Points);

/// <summary>Values by round, a line for each series.</summary>
internal sealed class TracePlot(string title, string unit, int rounds, IReadOnlyList<TraceSeries> series)
{
    private const int Width = 420, Height = 220, Left = 52, Right = 12, Top = 12, Bottom = 30, Ticks = 4, MostLabels = 12;

    private readonly TraceSeries[] _series =
    [
        .. series.Select(one => one with { Points = [.. one.Points.Where(point => double.IsFinite(point.Low + point.Value + point.High))] })
            .Where(one => one.Points.Count > 0),
    ];

    /// <summary>The plot with its title and legend; nothing if there are no values.</summary>
    public Markup ToMarkup()
    {
        var figure = new Markup();
        if (_series.Length == 0)
            return figure;
        (double low, double high, double step) = Range();
        int X(int round) => Left + (int)Math.Round((round - 0.5) * (Width - Left - Right) / rounds);
        double Y(double value) => Math.Round(Height - Bottom - ((value - low) / (high - low) * (Height - Top - Bottom)), 1);

        figure.Add($"""<figure><figcaption>{title}</figcaption><svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{title}">""");
        for (double tick = low; tick <= high + (step / 2); tick += step)
            figure.Add($"""
                <line class="grid" x1="{Left}" x2="{Width - Right}" y1="{Y(tick)}" y2="{Y(tick)}"/>
                <text class="tick" x="{Left - 6}" y="{Y(tick) + 4}">{Number(tick)}</text>
                """);
        for (int round = 1; round <= rounds; round += (rounds + MostLabels - 1) / MostLabels)
            figure.Add($"""<text class="tick middle" x="{X(round)}" y="{Height - 12}">{round}</text>""");
        figure.Add($"""<text class="tick unit" x="{Left + 4}" y="{Top + 4}">{unit}</text>""");
        foreach (TraceSeries one in _series)
        {
            Markup Outline(Func<(int Round, double Low, double Value, double High), double> value, bool backwards = false) =>
                Markup.Each(backwards ? one.Points.Reverse() : one.Points, point => $"{X(point.Round)},{Y(value(point))} ");

            figure.Add($"""<g class="series {TraceView.Colour(one.Colour)}">""");
            if (one.Points.Any(point => point.High > point.Low))
                figure.Add($"""<polygon points="{Outline(point => point.High)}{Outline(point => point.Low, backwards: true)}"/>""");
            figure.Add($"""<polyline points="{Outline(point => point.Value)}"/>""");
            foreach ((int round, double least, double value, double most) in one.Points)
            {
                string range = most > least ? $" ({Number(least)} to {Number(most)})" : "";
                figure.Add($"""<circle cx="{X(round)}" cy="{Y(value)}" r="3"><title>{one.Name}, round {round}: {Number(value)}{range}</title></circle>""");
            }

            figure.Add($"</g>");
        }

        figure.Add($"</svg><ul>");
        foreach (TraceSeries one in _series)
            figure.Add($"""<li class="{TraceView.Colour(one.Colour)}">{one.Name}</li>""");
        return figure.Add($"</ul></figure>");
    }

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture) is { Length: < 7 } plain
        ? plain
        : value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A range of round numbers around all values.</summary>
    private (double Low, double High, double Step) Range()
    {
        double low = _series.Min(one => one.Points.Min(point => point.Low)), high = _series.Max(one => one.Points.Max(point => point.High));
        if (low > 0 && low < high * 0.4)
            low = 0;
        if (high - low < Math.Max(Math.Abs(high), 1) * 1e-6)
            (low, high) = (low - (Math.Max(Math.Abs(low), 1) * 0.05), high + (Math.Max(Math.Abs(high), 1) * 0.05));
        double rough = (high - low) / Ticks, size = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = size * (rough / size) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        return (Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step);
    }
}
