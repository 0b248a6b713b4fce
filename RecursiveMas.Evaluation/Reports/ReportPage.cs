using RecursiveMas.Shared;

namespace RecursiveMas.Reports;

/// <summary>A report as a page that stands alone: it has no script and loads nothing.</summary>
internal sealed class ReportPage(EvaluationResult run, ReportTables tables)
{
    private static readonly string[] s_scores = ["strict", "reference"];

    public Markup ToMarkup()
    {
        Markup page = new Markup().Add($"<header><h1>{tables.Title}</h1>{Headline()}");
        page.Add($"<dl>{Markup.Each(tables.Facts, fact => $"<div><dt>{fact.Name}</dt><dd>{fact.Value}</dd></div>")}</dl></header>\n");
        page.Add($"{Plots()}{Markup.Each(tables.All(), table => $"{Section(table)}")}");
        return Markup.Page(tables.Title, "report.css", page);
    }

    private Markup Headline()
    {
        VariantSummary main = run.Variants[0].Summary;
        return new Markup().Add($"""
            <p class="value"><span>{100 * main.Strict.Questions.Rate:0.0} % strict</span> <span>{100 * main.Reference.Questions.Rate:0.0} % reference</span>
            <small>{run.Variants[0].Variant.Name}{(main.Rollouts == 1 ? "" : $", pass@{main.Rollouts}")}</small></p>

            """);
    }

    private Markup Plots()
    {
        var plots = new Markup();
        plots.Add($"{new IntervalPlot(
            "Accuracy of each variant, per cent, with 95 % intervals",
            [.. run.Variants.Select(one => (one.Variant.Name, (IReadOnlyList<PlotPoint>)[Score(one, strict: true, 0), Score(one, strict: false, 0)]))],
            s_scores).ToMarkup()}");
        int steps = run.Variants[0].Variant.LatentSteps, rounds = run.Variants[0].Variant.Rounds;
        VariantResult[] latent = [.. run.Variants.Where(one => one.Variant.Method == EvaluationMethod.Latent)];
        AddSweep(plots, "rounds", [.. latent.Where(one => one.Variant.LatentSteps == steps)], one => one.Variant.Rounds);
        AddSweep(plots, "latent steps", [.. latent.Where(one => one.Variant.Rounds == rounds)], one => one.Variant.LatentSteps);
        return new Markup().Add($"""<section><h2>Plots</h2><div class="plots">{plots}</div></section>""").AddOwn("\n");
    }

    private static void AddSweep(Markup plots, string axis, VariantResult[] variants, Func<VariantResult, int> place)
    {
        if (variants.Length < 2)
            return;
        variants = [.. variants.OrderBy(place)];
        plots.Add($"{new ReportPlot(
            $"Accuracy by {axis}",
            "per cent",
            axis,
            [.. s_scores.Select((name, i) => new PlotSeries(name, i, [.. variants.Select(one => Score(one, strict: i == 0, place(one)))]))],
            fromZero: false).ToMarkup()}");
        plots.Add($"{Plain($"Time of a question by {axis}", "seconds", axis, [("seconds", one => one.Summary.Seconds)])}");
        plots.Add($"{Plain(
            $"Tokens and latent steps of a question by {axis}",
            "count",
            axis,
            [("tokens written", one => one.Summary.GeneratedTokens), ("latent steps", one => one.Summary.LatentSteps)])}");

        Markup Plain(string title, string unit, string of, (string Name, Func<VariantResult, double> Value)[] series) => new ReportPlot(
            title,
            unit,
            of,
            [
                .. series.Select((one, i) => new PlotSeries(one.Name, i + 2, [
                    .. variants.Select(variant => new PlotPoint(place(variant), one.Value(variant), one.Value(variant), one.Value(variant))),
                ])),
            ]).ToMarkup();
    }

    private static PlotPoint Score(VariantResult variant, bool strict, int x)
    {
        Proportion score = (strict ? variant.Summary.Strict : variant.Summary.Reference).Questions;
        ConfidenceInterval interval = score.Wilson();
        return new PlotPoint(x, 100 * interval.Low, 100 * score.Rate, 100 * interval.High);
    }

    private static Markup Section(ReportTable table)
    {
        var section = new Markup();
        Markup content = new Markup().Add($"""
            <p class="note">{table.Note}</p><div class="scroll"><table>
            <thead><tr>{Markup.Each(table.Columns, column => $"<th>{column}</th>")}</tr></thead><tbody>
            {Markup.Each(table.Rows, row => $"<tr>{Markup.Each(row, cell => $"<td>{cell}</td>")}</tr>\n")}</tbody></table></div>
            """);
        return table.IsLong
            ? section.Add($"<section><details><summary><h2>{table.Title}</h2></summary>{content}</details></section>\n")
            : section.Add($"<section><h2>{table.Title}</h2>{content}</section>\n");
    }
}
