using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Core.Tests.Browsing;

/// <summary>The tests' browser notices what it is there to notice.</summary>
public sealed class BrowserTests
{
    private const string Faulty = """
        <!doctype html><title>faulty</title><p id="colours"></p>
        <script>
            document.getElementById('colours').textContent = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
            console.error('said so');
            fetch('beside.txt').catch(() => 0);
            setTimeout(() => { document.title = 'done'; undefinedFunction(); }, 50);
        </script>
        """;

    [Fact]
    public async Task Errors_of_a_page_and_what_it_asks_for_are_noticed()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        folder.Write("page.html", Faulty);
        await using Browser browser = await Browser.StartAsync(cancellation);
        BrowserPage page = await browser.OpenAsync(new Uri(folder.Path("page.html")), width: 400, dark: true, cancellation);

        await page.WaitForAsync("document.title === 'done'", cancellation);
        Assert.Equal("dark", await page.EvaluateAsync<string>("document.getElementById('colours').textContent", cancellation));
        Assert.Equal(400, await page.EvaluateAsync<int>("innerWidth", cancellation));
        Assert.Contains(page.Errors, error => error.Contains("said so", StringComparison.Ordinal));
        Assert.Contains(page.Errors, error => error.Contains("undefinedFunction", StringComparison.Ordinal));
        Assert.Contains(page.Requests, address => address.EndsWith("/beside.txt", StringComparison.Ordinal));
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], (await page.ScreenshotAsync(cancellation))[..4]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => page.EvaluateAsync<int>("nowhere.nothing", cancellation));
    }

    [Fact]
    public async Task A_page_without_fault_has_no_errors()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        folder.Write("page.html", "<!doctype html><html><head><link rel='icon' href='data:,'><title>well</title></head><body>well</body></html>");
        await using Browser browser = await Browser.StartAsync(cancellation);
        BrowserPage page = await browser.OpenAsync(new Uri(folder.Path("page.html")), cancellation: cancellation);

        Assert.Equal("well", await page.EvaluateAsync<string>("document.title", cancellation));
        Assert.Empty(page.Errors);
        Assert.Single(page.Requests);
    }
}
