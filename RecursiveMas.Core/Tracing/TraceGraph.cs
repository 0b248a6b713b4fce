using RecursiveMas.Shared;

namespace RecursiveMas.Tracing;

/// <summary>The graph unrolled: a column for each agent, a row for each round, an arrow for each hop.</summary>
internal sealed class TraceGraph(TraceView view)
{
    private const int Margin = 70, ColumnWidth = 158, NodeWidth = 112, NodeHeight = 42, Top = 4, LongestName = 14;

    // Room for the arcs that lead over the heads of others.
    private readonly int _rowHeight =
        view.Edges.Max(edge => view.Column(edge.To) - view.Column(edge.Agent)) is > 1 and int far ? 2 * (16 - Peak(far)) : 98;

    public Markup ToMarkup()
    {
        int width = Margin + (view.Agents.Count * ColumnWidth), height = (2 * Top) + (view.Answer.Rounds * _rowHeight);
        var svg = new Markup();
        svg.Add($"""
            <svg class="graph" viewBox="0 0 {width} {height}" style="width:{width}px;min-width:{width * 7 / 10}px" role="img"
            aria-label="what crossed each edge">

            """);
        svg.Add($"<defs>{Markup.Each(Enumerable.Range(0, 8), i => Arrow(i))}</defs>");
        for (int round = 1; round <= view.Answer.Rounds; round++)
            svg.Add($"""<text class="round" x="4" y="{Y(round) + 4}">round {round}</text>""");
        foreach (HopCrossed hop in view.Answer.Trace)
            Draw(svg, hop);
        foreach (StageCompleted stage in view.Answer.Stages)
            Draw(svg, stage);
        return svg.Add($"</svg>");
    }

    private static FormattableString Arrow(int colour) => $"""
        <marker id="arrow{colour}" class="c{colour}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">
        <path d="M0 0L8 4L0 8z"/></marker>

        """;

    private int X(string agent) => Margin + (view.Column(agent) * ColumnWidth) + (ColumnWidth / 2);

    private int Y(int round) => Top + ((round - 1) * _rowHeight) + (_rowHeight / 2);

    private void Draw(Markup svg, StageCompleted stage)
    {
        bool wrote = stage.Action == StageAction.Write;
        int x = X(stage.Agent), y = Y(stage.Round);
        string name = stage.Agent.Length <= LongestName ? stage.Agent : stage.Agent[..(LongestName - 1)] + "…";
        string done = $"{(wrote ? "wrote" : "thought")} {TraceView.Time(stage.Duration)}";
        svg.Add($"""
            <g class="node {(wrote ? "wrote" : "thought")}"><title>{stage.Agent}, round {stage.Round}: {done}</title>
            <rect x="{x - (NodeWidth / 2)}" y="{y - (NodeHeight / 2)}" width="{NodeWidth}" height="{NodeHeight}" rx="9"/>
            <text x="{x}" y="{y - 3}">{name}</text><text class="small" x="{x}" y="{y + 13}">{done}</text></g>

            """);
    }

    private void Draw(Markup svg, HopCrossed hop)
    {
        int index = view.IndexOf(hop), read = view.ReadIn(hop), distance = view.Column(hop.To) - view.Column(hop.Agent);
        if (read > view.Answer.Rounds)
            return;
        int x = X(hop.Agent), y = Y(hop.Round), toX = X(hop.To), toY = Y(read);
        (string path, int labelX, int labelY) = (read == hop.Round, distance) switch
        {
            (true, 1) => ($"M{x + (NodeWidth / 2)} {y}H{toX - (NodeWidth / 2) - 2}", (x + toX) / 2, y - 7),
            (true, _) => ($"M{x} {y - (NodeHeight / 2)}Q{(x + toX) / 2} {y + (2 * Peak(distance)) + (NodeHeight / 2)} {toX - 20} {toY - (NodeHeight / 2) - 2}",
                (x + toX - 20) / 2, y + Peak(distance) - 4),
            _ => Back(x, y, toX, toY),
        };
        string label = hop.Text is { } text ? $"{text.Length} ch." : TraceView.Norm(hop.MeanNorm);
        svg.Add($"""
            <g class="hop {TraceView.Colour(index)}"><title>{hop}</title>
            <path d="{path}" marker-end="url(#arrow{index % 8})"/><text x="{labelX}" y="{labelY}">{label}</text></g>

            """);
    }

    /// <summary>Down to the next round; arrows that leave or reach one agent together do so side by side.</summary>
    private static (string Path, int LabelX, int LabelY) Back(int x, int y, int toX, int toY)
    {
        int from = x + Math.Sign(toX - x) * 14, to = toX - Math.Sign(toX - x) * 26;
        int start = y + (NodeHeight / 2), end = toY - (NodeHeight / 2) - 2, bend = (end - start) / 2;
        return ($"M{from} {start}C{from} {start + bend} {to} {end - bend} {to} {end}", (from + to) / 2, ((start + end) / 2) - 5);
    }

    /// <summary>Height of an arc over this many columns, from the middle of its row.</summary>
    private static int Peak(int distance) => -(NodeHeight / 2) - 16 - (6 * distance);
}
