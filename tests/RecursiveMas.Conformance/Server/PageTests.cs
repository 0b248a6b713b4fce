using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Server;

/// <summary>The server's page in a headless Chromium. RECURSIVEMAS_SCREENSHOTS names a folder for pictures.</summary>
public sealed class PageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 120_000)]
    [InlineData("light", 1280)]
    [InlineData("dark", 1280)]
    [InlineData("narrow", 380)]
    public async Task The_page_asks_and_shows_every_agent_in_every_round(string look, int width)
    {
        await using Browser browser = await Browser.StartAsync(TestContext.Current.CancellationToken);
        await using RunningServer server = await RunningServer.StartAsync(Token);
        BrowserPage page = await browser.OpenAsync(server.Address, width, dark: look == "dark", Token);
        Assert.Equal("RecursiveMas: agents that think together", await page.EvaluateAsync<string>("document.title", Token));
        await page.WaitForAsync("document.getElementById('system').options.length === 3", Token);
        await Choose(page, "system", RunningServer.Model, "change");
        await page.WaitForAsync("!document.getElementById('ask').disabled", Token);
        Assert.Equal(RunningServer.Question, await page.EvaluateAsync<string>("document.getElementById('question').value", Token));
        await page.EvaluateAsync<object>("document.getElementById('ask').click()", Token);
        await page.WaitForAsync("document.getElementById('usage').textContent.length > 0", Token);
        Assert.Equal("13", await page.EvaluateAsync<string>("document.getElementById('value').textContent", Token));
        Assert.Equal(RunningServer.Answer, await page.EvaluateAsync<string>("document.getElementById('text').textContent", Token));
        // The last agent only writes in the last round.
        Assert.Equal(3, await CountAsync(page, ".round"));
        Assert.Equal(8, await CountAsync(page, ".card"));
        Assert.Equal(8, await CountAsync(page, ".hop"));
        Assert.Equal(0, await CountAsync(page, ".card.busy"));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth", Token), "The page is wider than its window.");
        await SaveAsync(page, look);

        // One round fewer by the slider.
        await Choose(page, "rounds", "1", "input");
        Assert.Equal("1", await page.EvaluateAsync<string>("document.getElementById('rounds-value').textContent", Token));
        await page.EvaluateAsync<object>("document.getElementById('ask').click()", Token);
        await page.WaitForAsync("document.getElementById('value').textContent === '20'", Token);
        Assert.Equal(2, await CountAsync(page, ".card"));
        Assert.Empty(page.Errors);
        Assert.All(page.Requests, address => Assert.StartsWith(server.Address.AbsoluteUri, address, StringComparison.Ordinal));
    }

    [Fact(Timeout = 120_000)]
    public async Task What_goes_wrong_stands_on_the_page_and_a_question_can_be_stopped()
    {
        await using Browser browser = await Browser.StartAsync(TestContext.Current.CancellationToken);
        await using RunningServer server = await RunningServer.StartAsync(Token);
        BrowserPage page = await browser.OpenAsync(server.Address, cancellation: Token);
        await page.WaitForAsync("document.getElementById('system').options.length === 3", Token);
        await Choose(page, "system", RunningServer.Endless, "change");
        await page.EvaluateAsync<object>("document.getElementById('ask').click()", Token);
        await page.WaitForAsync("document.getElementById('text').textContent.length > 20", Token);
        Assert.False(await page.EvaluateAsync<bool>("document.getElementById('stop').disabled", Token));
        await page.EvaluateAsync<object>("document.getElementById('stop').click()", Token);
        await page.WaitForAsync("!document.getElementById('ask').disabled", Token);
        Assert.True(SpinWait.SpinUntil(() => server.EndlessEnded == 1, TimeSpan.FromMinutes(1)));
        await page.EvaluateAsync<object>("document.getElementById('question').value = ' '; ask()", Token);
        await page.WaitForAsync("!document.getElementById('problem').hidden", Token);
        Assert.Contains("empty", await page.EvaluateAsync<string>("document.getElementById('problem').textContent", Token), StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task The_page_asks_for_the_key()
    {
        await using Browser browser = await Browser.StartAsync(TestContext.Current.CancellationToken);
        await using RunningServer server = await RunningServer.StartAsync(Token, ("Server:ApiKey", "open sesame"));
        BrowserPage page = await browser.OpenAsync(server.Address, cancellation: Token);
        await page.WaitForAsync("!document.getElementById('key-row').hidden", Token);
        await Choose(page, "key", "open sesame", "change");
        await page.WaitForAsync("document.getElementById('system').options.length === 3 && document.getElementById('problem').hidden", Token);
    }

    private static Task<object?> Choose(BrowserPage page, string element, string value, string happening) => page.EvaluateAsync<object>(
        $"{{ const e = document.getElementById('{element}'); e.value = '{value}'; e.dispatchEvent(new Event('{happening}')); }}", Token);

    private static Task<int> CountAsync(BrowserPage page, string selector) => page.EvaluateAsync<int>($"document.querySelectorAll('{selector}').length", Token);

    private static async Task SaveAsync(BrowserPage page, string look)
    {
        byte[] picture = await page.ScreenshotAsync(Token);
        Assert.True(picture.Length > 5_000);
        if (Environment.GetEnvironmentVariable("RECURSIVEMAS_SCREENSHOTS") is { Length: > 0 } folder)
            await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(folder).FullName, $"server-{look}.png"), picture, Token);
    }
}
