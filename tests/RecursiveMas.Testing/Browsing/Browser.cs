using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace RecursiveMas.Testing;

/// <summary>A headless Chromium. Tests that need one report themselves as not run where there is none.</summary>
public sealed class Browser : IAsyncDisposable
{
    public const string Variable = "RECURSIVEMAS_CHROMIUM";

    private const string Announcement = "DevTools listening on ";

    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];

    private readonly Process _process;
    private readonly DevTools _tools;
    private readonly string _profile;

    private Browser(Process process, DevTools tools, string profile) => (_process, _tools, _profile) = (process, tools, profile);

    /// <summary>Starts it; the running test is skipped if it is not installed.</summary>
    public static async Task<Browser> StartAsync(CancellationToken cancellation)
    {
        string? program = Find();
        Assert.SkipWhen(program is null, $"There is no Chromium on the path; .ci/run installs it, and {Variable} may name another.");
        string profile = Directory.CreateTempSubdirectory("recursivemas-browser-").FullName;
        var start = new ProcessStartInfo(program!) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])
            [
                "--headless=new", "--remote-debugging-port=0", $"--user-data-dir={profile}", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage",
                "--disable-extensions", "--disable-background-networking", "--hide-scrollbars",
                // Its own sandbox does not work for the superuser, who runs it in containers.
                .. Environment.UserName == "root" ? new[] { "--no-sandbox" } : [],
                "about:blank",
            ])
            start.ArgumentList.Add(argument);
        Process process = Process.Start(start)!;
        try
        {
            string address = await AddressAsync(process, cancellation);
            // Nobody may be left to wait for a reader of what it says later.
            _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return new Browser(process, await DevTools.ConnectAsync(new Uri(address), cancellation), profile);
        }
        catch
        {
            End(process, profile);
            throw;
        }
    }

    /// <summary>Opens a page in a window of its own and waits until it is loaded.</summary>
    /// <param name="address">Address of the page; a file's is <c>new Uri(path)</c>.</param>
    /// <param name="width">Width of the window in pixels.</param>
    /// <param name="dark">Whether the reader prefers dark colours.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<BrowserPage> OpenAsync(Uri address, int width = 1280, bool dark = false, CancellationToken cancellation = default)
    {
        JsonNode target = await _tools.CallAsync("Target.createTarget", new { url = "about:blank" }, cancellation: cancellation);
        JsonNode attached = await _tools.CallAsync(
            "Target.attachToTarget", new { targetId = (string)target["targetId"]!, flatten = true }, cancellation: cancellation);
        var page = new BrowserPage(_tools, (string)attached["sessionId"]!);
        await page.OpenAsync(address, width, dark, cancellation);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _tools.DisposeAsync();
        End(_process, _profile);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return named;
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.SelectMany(folder => s_names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }

    private static async Task<string> AddressAsync(Process process, CancellationToken cancellation)
    {
        var said = new List<string>();
        while (await process.StandardError.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith(Announcement, StringComparison.Ordinal))
                return line[Announcement.Length..].Trim();
            said.Add(line);
        }

        throw new InvalidOperationException($"Chromium ended at once: {string.Join(Environment.NewLine, said)}");
    }

    private static void End(Process process, string profile)
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        try
        {
            Directory.Delete(profile, recursive: true);
        }
        catch (IOException)
        {
            // A child of it that is still ending has written once more.
        }
    }
}
