using System.Globalization;
using RecursiveMas.Shared;

namespace RecursiveMas.Reports;

/// <summary>A row for each variant, with both scores and their intervals on one axis.</summary>
internal sealed class IntervalPlot(string title, IReadOnlyList<(string Name, IReadOnlyList<PlotPoint> Values)> rows, IReadOnlyList<string> series)
{
    private const int Width = 640, Left = 128, Right = 16, Top = 8, RowHeight = 26, Bottom = 26, LongestName = 18;

    public Markup ToMarkup()
    {
        int height = Top + (rows.Count * RowHeight) + Bottom;
        static double X(double value) => Math.Round(Left + (value / 100 * (Width - Left - Right)), 1);

        var figure = new Markup();
        figure.Add($"""<figure class="wide"><figcaption>{title}</figcaption><div class="scroll">""");
        figure.Add($"""<svg viewBox="0 0 {Width} {height}" role="img" aria-label="{title}">""");
        for (int tick = 0; tick <= 100; tick += 20)
            figure.Add($"""
                <line class="grid" y1="{Top}" y2="{height - Bottom}" x1="{X(tick)}" x2="{X(tick)}"/>
                <text class="tick middle" x="{X(tick)}" y="{height - Bottom + 16}">{tick}</text>
                """);
        for (int i = 0; i < rows.Count; i++)
        {
            (string name, IReadOnlyList<PlotPoint> values) = rows[i];
            double middle = Top + ((i + 0.5) * RowHeight);
            string shown = name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…";
            figure.Add($"""<text class="tick name" x="{Left - 10}" y="{middle + 4}">{shown}</text>""");
            for (int k = 0; k < values.Count; k++)
            {
                PlotPoint value = values[k];
                double y = middle + ((k - ((values.Count - 1) / 2.0)) * 8);
                figure.Add($"""
                    <g class="series {ReportPlot.Colour(k)}"><path class="range" d="M{X(value.Low)} {y}H{X(value.High)}"/>
                    <circle cx="{X(value.Value)}" cy="{y}" r="3.5">
                    <title>{name}, {series[k]}: {Number(value.Value)} ({Number(value.Low)} to {Number(value.High)})</title></circle></g>
                    """);
            }
        }

        figure.Add($"</svg></div><ul>");
        for (int k = 0; k < series.Count; k++)
            figure.Add($"""<li class="{ReportPlot.Colour(k)}">{series[k]}</li>""");
        return figure.Add($"</ul></figure>");
    }

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
