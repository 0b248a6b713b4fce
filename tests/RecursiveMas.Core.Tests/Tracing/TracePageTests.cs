using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Core.Tests.Tracing;

/// <summary>The page of a trace in a browser.</summary>
public sealed class TracePageTests(TracePageTests.Shared shared) : IClassFixture<TracePageTests.Shared>
{
    private const string Hostile = "</pre></title></style><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">\u202E\0'\"&{0}";

    /// <summary>A folder that receives pictures of the pages, to be looked at.</summary>
    private static readonly string? s_pictures = Environment.GetEnvironmentVariable("RECURSIVEMAS_SCREENSHOTS");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3, 3, 1280, false)]
    [InlineData(3, 3, 1280, true)]
    [InlineData(3, 3, 400, false)]
    [InlineData(5, 10, 1280, true)]
    [InlineData(5, 10, 400, true)]
    [InlineData(1, 1, 1280, false)]
    [InlineData(2, 1, 1280, false)]
    public async Task A_page_shows_every_hop_and_has_no_fault(int agents, int rounds, int width, bool dark)
    {
        MasAnswer answer = TraceSamples.Ring(agents, rounds);
        using var folder = new TemporaryFolder();
        await MasTrace.WriteHtmlAsync(answer, folder.Path("trace.html"), Token);
        Browser browser = await shared.BrowserAsync(Token);
        BrowserPage page = await browser.OpenAsync(new Uri(folder.Path("trace.html")), width, dark, Token);
        await PictureAsync(page, $"trace-{agents}x{rounds}-{width}{(dark ? "-dark" : "")}");

        Assert.Equal("Trace: How many coins does Mia have?", await page.EvaluateAsync<string>("document.title", Token));
        Assert.Equal(answer.Trace.Count, await CountAsync(page, ".hops tbody tr"));
        Assert.Equal(answer.Trace.Count, await CountAsync(page, "svg.graph .hop"));
        Assert.Equal(answer.Stages.Count, await CountAsync(page, "svg.graph .node") + (answer.Trace.Count == 0 ? answer.Stages.Count : 0));
        Assert.Equal(answer.Trace.Count == 0 ? 0 : rounds == 1 ? 3 : 4, await CountAsync(page, "figure"));
        Assert.Equal(answer.Trace.Count, await CountAsync(page, ".thoughts"));
        Assert.Equal("13", await page.EvaluateAsync<string>("document.querySelector('.value').innerText", Token));
        Assert.Equal("all done so = 13\n\\boxed{13}", await page.EvaluateAsync<string>("document.querySelector('.answer').innerText", Token));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth", Token), "the page is wider than its window");
        Assert.Empty(page.Errors);
        Assert.Single(page.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Texts_of_others_stay_text(bool overText)
    {
        MasAnswer answer = TraceSamples.Ring(3, 2, Hostile, Hostile, overText ? Hostile : null) with
        {
            Text = Hostile,
            Extracted = new ExtractedAnswer(Hostile, AnswerSource.WholeText),
        };
        answer = answer with { Trace = [.. answer.Trace.Select(hop => hop with { Edge = hop.Edge + Hostile, Slot = Hostile, To = hop.To + Hostile })] };
        using var folder = new TemporaryFolder();
        await MasTrace.WriteHtmlAsync(answer, folder.Path("trace.html"), Token);
        Browser browser = await shared.BrowserAsync(Token);
        BrowserPage page = await browser.OpenAsync(new Uri(folder.Path("trace.html")), cancellation: Token);
        await PictureAsync(page, $"trace-hostile{(overText ? "-text" : "")}");

        string shown = Hostile.Replace('\u202E', '\uFFFD').Replace('\0', '\uFFFD');
        Assert.StartsWith("Trace: </pre></title>", await page.EvaluateAsync<string>("document.title", Token), StringComparison.Ordinal);
        Assert.Equal(shown, await page.EvaluateAsync<string>("document.querySelector('.answer').textContent", Token));
        Assert.Equal(shown, await page.EvaluateAsync<string>("document.querySelector('h1').textContent", Token));
        Assert.Equal(answer.Trace.Count, await CountAsync(page, ".hops tbody tr"));
        Assert.Equal(0, await CountAsync(page, "script, img, [onerror]"));
        if (overText)
            Assert.Equal(shown, await page.EvaluateAsync<string>("document.querySelector('details pre').textContent", Token));
        Assert.Empty(page.Errors);
        Assert.Single(page.Requests);
    }

    [Fact]
    public void Norms_that_overflow_leave_no_hole_in_the_page()
    {
        MasAnswer answer = TraceSamples.Ring(3, 3);
        answer = answer with
        {
            Trace = [.. answer.Trace.Select(hop => hop with { SmallestNorm = 0, MeanNorm = double.PositiveInfinity, LargestNorm = double.PositiveInfinity })],
        };
        using var writer = new StringWriter();
        MasTrace.WriteHtml(answer, writer);
        Assert.DoesNotContain("NaN", writer.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", writer.ToString(), StringComparison.Ordinal);
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
