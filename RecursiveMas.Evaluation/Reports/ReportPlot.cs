using System.Globalization;
using RecursiveMas.Shared;

namespace RecursiveMas.Reports;

/// <summary>A value with a range around it.</summary>
/// <param name="X">Where it stands.</param>
/// <param name="Low">Lower end of the range.</param>
/// <param name="Value">The value.</param>
/// <param name="High">Upper end of the range.</param>
internal sealed record PlotPoint(int X, double Low, double Value, double High);

/// <summary>Values that belong together.</summary>
/// <param name="Name">What they are.</param>
/// <param name="Colour">Their place among the colours.</param>
/// <param name="Points">The values.</param>
internal sealed record PlotSeries(string Name, int Colour, IReadOnlyList<PlotPoint> Points);

/// <summary>Values over whole numbers, a line for each series, with ranges as bars.</summary>
/// <param name="title">What is shown.</param>
/// <param name="unit">Unit of the values.</param>
/// <param name="axis">What the whole numbers are.</param>
/// <param name="series">The series.</param>
/// <param name="fromZero">Whether the axis begins at 0, as it has to for amounts.</param>
internal sealed class ReportPlot(string title, string unit, string axis, IReadOnlyList<PlotSeries> series, bool fromZero = true)
{
    private const int Width = 420, Height = 230, Left = 46, Right = 14, Top = 24, Bottom = 42, Ticks = 4, Colours = 8;

    private readonly int[] _places = [.. series.SelectMany(one => one.Points).Select(point => point.X).Distinct().Order()];

    public Markup ToMarkup()
    {
        (double low, double high, double step) = Range();
        double Y(double value) => Math.Round(Height - Bottom - ((value - low) / (high - low) * (Height - Top - Bottom)), 1);

        var figure = new Markup();
        figure.Add($"""<figure><figcaption>{title}</figcaption><svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{title}">""");
        for (double tick = low; tick <= high + (step / 2); tick += step)
            figure.Add($"""
                <line class="grid" x1="{Left}" x2="{Width - Right}" y1="{Y(tick)}" y2="{Y(tick)}"/>
                <text class="tick" x="{Left - 6}" y="{Y(tick) + 4}">{Number(tick)}</text>
                """);
        foreach (int place in _places)
            figure.Add($"""<text class="tick middle" x="{X(place, 0)}" y="{Height - Bottom + 16}">{place}</text>""");
        figure.Add($"""<text class="tick middle" x="{Left + ((Width - Left - Right) / 2)}" y="{Height - 6}">{axis}</text>""");
        figure.Add($"""<text class="tick unit" x="{Left}" y="{Top - 9}">{unit}</text>""");
        for (int i = 0; i < series.Count; i++)
            Draw(figure, series[i], i, Y);
        figure.Add($"</svg><ul>");
        foreach (PlotSeries one in series)
            figure.Add($"""<li class="{Colour(one.Colour)}">{one.Name}</li>""");
        return figure.Add($"</ul></figure>");
    }

    /// <summary>The classes of whatever is drawn in a colour.</summary>
    public static string Colour(int index) => $"c{index % Colours}";

    private void Draw(Markup figure, PlotSeries one, int index, Func<double, double> y)
    {
        // Side by side, so that ranges do not cover each other.
        double shift = (index - ((series.Count - 1) / 2.0)) * Math.Min(7, 40.0 / series.Count);
        Markup line = Markup.Each(one.Points, point => $"{X(point.X, shift)},{y(point.Value)} ");
        figure.Add($"""<g class="series {Colour(one.Colour)}"><polyline points="{line}"/>""");
        foreach (PlotPoint point in one.Points)
        {
            double x = X(point.X, shift);
            bool ranges = point.High > point.Low;
            if (ranges)
            {
                figure.Add($"""
                    <path class="range" d="M{x} {y(point.Low)}V{y(point.High)}M{x - 3} {y(point.Low)}h6M{x - 3} {y(point.High)}h6"/>
                    """);
            }

            string range = ranges ? $" ({Number(point.Low)} to {Number(point.High)})" : "";
            figure.Add($"""
                <circle cx="{x}" cy="{y(point.Value)}" r="3.5"><title>{one.Name}, {axis} {point.X}: {Number(point.Value)}{range}</title></circle>
                """);
        }

        figure.Add($"</g>");
    }

    private double X(int place, double shift) =>
        Math.Round(Left + ((Array.IndexOf(_places, place) + 0.5) * (Width - Left - Right) / _places.Length) + shift, 1);

    private static string Number(double value) => value.ToString(Math.Abs(value) < 10 ? "0.###" : "0.#", CultureInfo.InvariantCulture);

    /// <summary>A range of round numbers around all values.</summary>
    private (double Low, double High, double Step) Range()
    {
        PlotPoint[] all = [.. series.SelectMany(one => one.Points)];
        double low = all.Min(point => point.Low), high = all.Max(point => point.High);
        if (fromZero || low < high * 0.6)
            low = 0;
        if (high - low < Math.Max(Math.Abs(high), 1) * 1e-6)
            (low, high) = (Math.Max(0, low - Math.Max(1, low * 0.05)), high + Math.Max(1, high * 0.05));
        double rough = (high - low) / Ticks, size = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = size * (rough / size) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        return (Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step);
    }
}
