using RecursiveMas.Shared;

namespace RecursiveMas.Tracing;

/// <summary>The page of a run, from the question to the table of hops.</summary>
internal sealed class TracePage(MasAnswer answer)
{
    private const int LongestTitle = 60;

    private readonly TraceView _view = new(answer);

    public Markup ToMarkup()
    {
        string question = answer.Question.Text;
        string title = question.Length <= LongestTitle ? question : question[..LongestTitle] + "…";
        Markup page = new Markup().Add($"<header><h1>{question}</h1>{Answer()}{Facts()}</header>\n");
        if (answer.Trace.Count > 0)
            page.Add($"{Graph()}{Plots()}");
        page.Add($"{Messages()}{ReadOuts.Of(answer.Trace)}{Hops()}");
        return Markup.Page($"Trace: {title}", "trace.css", page);
    }

    private Markup Answer()
    {
        var shown = new Markup();
        if (answer.Extracted is { } extracted)
            shown.Add($"""<p class="value"><span>{extracted.Value}</span></p>""");
        return shown.Add($"""<pre class="answer">{answer.Text}</pre>""");
    }

    private Markup Facts()
    {
        MasUsage usage = answer.Usage;
        var facts = new List<(string Name, string Value)>
        {
            ("rounds", $"{answer.Rounds}"),
            ("latent steps", $"{answer.LatentSteps}"),
            ("hops", $"{answer.Trace.Count}"),
            ("time", TraceView.Time(answer.Duration)),
            ("positions read", $"{usage.PromptTokens}"),
            ("tokens written", $"{usage.GeneratedTokens}"),
            ("end", answer.Finish.ToString()),
        };
        if (answer.Extracted is { } extracted)
            facts.Insert(0, ("answer found in", extracted.Source.ToString()));
        return new Markup().Add($"<dl>{Markup.Each(facts, fact => $"<div><dt>{fact.Name}</dt><dd>{fact.Value}</dd></div>")}</dl>");
    }

    private Markup Graph() => new Markup().Add($"""
        <section><h2>What crossed each edge</h2>
        <p class="note">Time runs downwards, a row for each round. {(_view.HasVectors ? "The number at an arrow is the mean norm of its vectors." : "")}</p>
        <div class="scroll">{new TraceGraph(_view).ToMarkup()}</div></section>

        """);

    private Markup Plots()
    {
        var plots = new Markup();
        if (_view.HasVectors)
        {
            plots.Add($"""{Plot("Norms behind the links, by round", "mean; smallest to largest", hop => (hop.SmallestNorm, hop.MeanNorm, hop.LargestNorm))}""");
            plots.Add($"""{Plot("Norms before the links, by round", "mean; smallest to largest", hop => hop.NormsBefore is { } norms
                ? (norms.Smallest, norms.Mean, norms.Largest)
                : null)}""");
            plots.Add($"""{Plot("Cosine to the round before", "mean", hop => hop.Cosine is { } cosine ? (cosine, cosine, cosine) : null)}""");
        }

        TraceSeries[] times =
        [
            .. _view.Agents.Select((agent, place) => new TraceSeries(agent, place, [
                .. answer.Stages.Where(stage => stage.Agent == agent).OrderBy(stage => stage.Round)
                    .Select(stage => (stage.Round, stage.Duration.TotalMilliseconds, stage.Duration.TotalMilliseconds, stage.Duration.TotalMilliseconds)),
            ])),
        ];
        plots.Add($"{new TracePlot("Time of each stage, by round", "ms", answer.Rounds, times).ToMarkup()}");
        return new Markup().Add($"""<section><h2>Measures</h2><div class="plots">{plots}</div></section>""").AddOwn("\n");
    }

    private Markup Plot(string title, string unit, Func<HopCrossed, (double Low, double Value, double High)?> measure) => new TracePlot(
        title,
        unit,
        answer.Rounds,
        [
            .. _view.Edges.Select((edge, place) => new TraceSeries($"{edge.Agent} → {edge.To}", place, [
                .. from hop in answer.Trace
                   where hop.Edge == edge.Edge
                   let value = measure(hop)
                   where value is not null
                   select (hop.Round, value.Value.Low, value.Value.Value, value.Value.High),
            ])),
        ]).ToMarkup();

    private Markup Messages()
    {
        // What an agent writes to several others is one text.
        HopCrossed[] said = [.. answer.Trace.Where(hop => hop.Text is not null).DistinctBy(hop => (hop.Agent, hop.Round))];
        return said.Length == 0 ? new Markup() : new Markup().Add($"""
            <section><h2>What agents said</h2>{Markup.Each(said, hop =>
                $"<details><summary>round {hop.Round}, {hop.Agent}</summary><pre>{hop.Text}</pre></details>")}</section>

            """);
    }

    private Markup Hops() => new Markup().Add($"""
        <section><h2>All hops</h2><div class="scroll"><table class="hops"><thead>
        <tr><th>round</th><th>from</th><th>to</th><th>edge</th><th>slot</th><th>size</th><th>type</th>
        <th>norm before</th><th>smallest</th><th>mean</th><th>largest</th><th>cosine</th><th>at</th></tr></thead><tbody>
        {Markup.Each(answer.Trace, Row)}</tbody></table></div></section>

        """);

    private FormattableString Row(HopCrossed hop)
    {
        string Number(double? value) => hop.Dtype is null || value is not { } number ? "" : TraceView.Norm(number);
        return $"""
            <tr><td>{hop.Round}</td><td class="{TraceView.Colour(_view.IndexOf(hop))} key">{hop.Agent}</td><td>{hop.To}</td>
            <td>{hop.Edge}</td><td>{hop.Slot}</td><td>{TraceView.Size(hop)}</td><td>{hop.Dtype?.ToString() ?? "text"}</td>
            <td>{Number(hop.NormsBefore?.Mean)}</td><td>{Number(hop.SmallestNorm)}</td>
            <td>{Number(hop.MeanNorm)}</td><td>{Number(hop.LargestNorm)}</td><td>{hop.Cosine:0.0000}</td><td>{TraceView.Time(hop.Elapsed)}</td></tr>

            """;
    }
}
