using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Reports;

/// <summary>The report of a run as text and in a browser. RECURSIVEMAS_SCREENSHOTS names a folder for pictures.</summary>
public sealed class ReportTests(ReportTests.Shared shared) : IClassFixture<ReportTests.Shared>
{
    private const string Hostile = "</title></style><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">\u202E\0'\"&{0}|`";

    private static readonly string? s_pictures = Environment.GetEnvironmentVariable("RECURSIVEMAS_SCREENSHOTS");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1280, false, 1)]
    [InlineData(1280, true, 1)]
    [InlineData(390, false, 1)]
    [InlineData(390, true, 10)]
    public async Task The_page_shows_every_variant_and_has_no_fault(int width, bool dark, int rollouts)
    {
        EvaluationResult run = ReportSamples.Run(rollouts: rollouts);
        using var folder = new TemporaryFolder();
        await EvaluationReport.WriteAsync(run, folder.Path("."), cancellationToken: Token);
        Browser browser = await shared.BrowserAsync(Token);
        BrowserPage page = await browser.OpenAsync(new Uri(folder.Path(EvaluationReport.HtmlFile)), width, dark, Token);
        await PictureAsync(page, $"report-{width}{(dark ? "-dark" : "")}-{rollouts}");
        Assert.Equal("sequential_light on math500", await page.EvaluateAsync<string>("document.title", Token));
        // All variants, accuracy, time and tokens by rounds and by latent steps.
        Assert.Equal(7, await CountAsync(page, "figure"));
        Assert.Equal(run.Variants.Count, await CountAsync(page, "section:nth-of-type(2) tbody tr"));
        Assert.Equal(2 * run.Variants.Count, await CountAsync(page, "figure.wide circle"));
        Assert.Equal(PublishedFigure.All.Count, await page.EvaluateAsync<int>(
            "[...document.querySelectorAll('section')].find(s => s.innerText.includes('Published figures')).querySelectorAll('tbody tr').length", Token));
        Assert.Equal(0, await CountAsync(page, "script, img"));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth", Token), "the page is wider than its window");
        // Nothing of a plot lies outside of it.
        Assert.True(await page.EvaluateAsync<bool>(
            "[...document.querySelectorAll('svg')].every(svg => [...svg.querySelectorAll('text,circle,path.range')].every(e => " +
            "{ const a = svg.getBoundingClientRect(), b = e.getBoundingClientRect(); return b.left >= a.left - 1 && b.right <= a.right + 1 && " +
            "b.top >= a.top - 1 && b.bottom <= a.bottom + 1; }))",
            Token));
        Assert.Empty(page.Errors);
        Assert.Single(page.Requests);
        if (s_pictures is not null)
        {
            await page.EvaluateAsync<object>("document.querySelectorAll('details').forEach(d => d.open = true)", Token);
            await PictureAsync(page, $"report-{width}{(dark ? "-dark" : "")}-{rollouts}-open");
        }
    }

    [Fact]
    public async Task Texts_of_others_stay_text()
    {
        EvaluationResult run = ReportSamples.Run(system: Hostile, questions: Hostile);
        using var folder = new TemporaryFolder();
        await EvaluationReport.WriteAsync(run, folder.Path("."), cancellationToken: Token);
        Browser browser = await shared.BrowserAsync(Token);
        BrowserPage page = await browser.OpenAsync(new Uri(folder.Path(EvaluationReport.HtmlFile)), cancellation: Token);
        Assert.StartsWith("</title>", await page.EvaluateAsync<string>("document.title", Token), StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync(page, "script, img, [onerror]"));
        Assert.Empty(page.Errors);
        string markdown = await File.ReadAllTextAsync(folder.Path(EvaluationReport.MarkdownFile), Token);
        Assert.DoesNotContain("<script", markdown.Replace("\\<", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_makes_no_addresses_or_marks_of_texts_of_others()
    {
        using var text = new StringWriter();
        EvaluationReport.WriteMarkdown(
            ReportSamples.Run(system: "see https://x.example, www.y.example, a@z.example", questions: "_a_ snake_case ~~b~~ $c$ \u202Ed"), text);
        string page = text.ToString();
        Assert.Contains(@"see https\://x.example, www\.y.example, a\@z.example", page, StringComparison.Ordinal);
        Assert.Contains(@"\_a\_ snake_case \~\~b\~\~ \$c\$ " + "\uFFFDd", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_says_what_the_results_are_worth()
    {
        EvaluationResult run = ReportSamples.Run();
        using var text = new StringWriter();
        EvaluationReport.WriteMarkdown(run, text);
        string[] lines = text.ToString().Split('\n');
        VariantSummary main = run.Variants[0].Summary;
        string shown = FormattableString.Invariant($"{100 * main.Strict.Questions.Rate:0.0} ({main.Strict.Questions.Wilson()})");
        Assert.Contains(lines, line => line.StartsWith($"| latent-r3-m48 | {shown} |", StringComparison.Ordinal));
        var compared = PairedComparison.Of(
            [.. run.Variants[0].Questions.Select(one => one.IsCorrect(strict: true))],
            [.. run.Variants.Single(one => one.Variant.Method == EvaluationMethod.Zero).Questions.Select(one => one.IsCorrect(strict: true))]);
        Assert.Contains(lines, line => line.StartsWith("| zero-r3-m48 |", StringComparison.Ordinal)
            && line.Contains($"| {compared.OnlyFirst} | {compared.OnlySecond} | \\< 0.0001 |", StringComparison.Ordinal));
        // Every table has as many cells in every row.
        Assert.All(
            string.Join('\n', lines).Split("\n\n").Where(block => block.StartsWith('|')),
            table => Assert.Single(
                table.TrimEnd().Split('\n').Select(row => row.Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|')).Distinct()));
        Assert.Contains(lines, line => line.Contains("| 2.5 % |", StringComparison.Ordinal));
        Assert.Contains("* wording of questions: as published", lines);
    }

    [Fact]
    public void Ours_stands_beside_a_published_figure_of_the_same_thing_and_of_no_other()
    {
        EvaluationResult math = ReportSamples.Run(), aime = ReportSamples.Run(questions: "aime25", rollouts: 10);
        EvaluationResult aimeOnce = ReportSamples.Run(questions: "aime25");
        string[] Measured(EvaluationResult run, params EvaluationResult[] others)
        {
            using var text = new StringWriter();
            EvaluationReport.WriteMarkdown(run, text, others);
            string[] lines = text.ToString().Split('\n');
            int start = Array.IndexOf(lines, "## Published figures"), end = Array.IndexOf(lines, "## Sessions");
            string[] rows = [.. lines[start..end].Where(line => line.StartsWith('|')).Skip(2)];
            Assert.Equal(PublishedFigure.All.Count, rows.Length);
            return [.. rows.Where(row => !row.EndsWith("| not measured |", StringComparison.Ordinal))];
        }

        // By round: three of text, of which one was run, and three of latent vectors; the later release; the reproduction with 48 steps.
        string[] measured = Measured(math);
        Assert.Equal(6, measured.Length);
        Assert.All(measured, row => Assert.Contains("| sequential_light |", row, StringComparison.Ordinal));
        Assert.Equal(5, Measured(aime).Length);
        Assert.Empty(Measured(aimeOnce));
        Assert.Equal(11, Measured(math, aime).Length);
    }

    [Fact]
    public void Published_figures_are_those_of_the_tables()
    {
        // Sums over tables: a figure that was mistyped shows.
        ILookup<string, PublishedFigure> tables = PublishedFigure.All.ToLookup(figure => figure.Table);
        Assert.Equal(
            [
                ("Sequential by round (paper, mean of 5 runs)", 72), ("Other methods (paper, Sequential Scaled, 3 rounds)", 42),
                ("Other systems and their members (paper)", 58), ("Single runs of the later release (seed 42)", 25),
                ("Speed and tokens against text (paper, Sequential Scaled)", 30), ("Design of the links (paper, Sequential Scaled, 3 rounds)", 12),
                ("Latent steps (paper, Sequential Scaled)", 27), ("Independent reproductions (Sequential Light)", 19),
            ],
            tables.Select(table => (table.Key, table.Count())));
        // The means that the paper states of its own table of methods.
        Assert.Equal(
            [67.0, 68.6, 55.9, 69.1, 57.3, 68.3, 75.0],
            tables["Other methods (paper, Sequential Scaled, 3 rounds)"].GroupBy(figure => figure.Label)
                .Select(method => Math.Round(method.Average(figure => figure.Value), 1, MidpointRounding.AwayFromZero)));
        // The stated gains over text are the mean relative gains over the twelve columns of each round.
        PublishedFigure[] rounds = [.. tables["Sequential by round (paper, mean of 5 runs)"]];
        Assert.All<(int Round, double Gain)>([(1, 8.1), (2, 19.6), (3, 20.2)], stated => Assert.Equal(
            stated.Gain,
            rounds.Where(figure => figure.Rounds == stated.Round).GroupBy(figure => (figure.System, figure.DataSet)).Average(column =>
            {
                double Of(EvaluationMethod method) => column.Single(figure => figure.Method == method).Value;
                return 100 * ((Of(EvaluationMethod.Latent) / Of(EvaluationMethod.Text)) - 1);
            }),
            0.15));
    }

    private static Task<int> CountAsync(BrowserPage page, string selector) =>
        page.EvaluateAsync<int>($"document.querySelectorAll('{selector}').length", Token);

    private static async Task PictureAsync(BrowserPage page, string name)
    {
        if (s_pictures is not null)
            await File.WriteAllBytesAsync(Path.Combine(s_pictures, name + ".png"), await page.ScreenshotAsync(Token), Token);
    }

    /// <summary>One browser for all pages.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        private Browser? _browser;

        public async Task<Browser> BrowserAsync(CancellationToken cancellation) => _browser ??= await Browser.StartAsync(cancellation);

        public ValueTask InitializeAsync() => default;

        public ValueTask DisposeAsync() => _browser?.DisposeAsync() ?? default;
    }
}
