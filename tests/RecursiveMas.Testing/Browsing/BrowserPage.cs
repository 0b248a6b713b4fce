using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RecursiveMas.Testing;

/// <summary>A page in a headless Chromium.</summary>
public sealed class BrowserPage
{
    private readonly DevTools _tools;
    private readonly string _session;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _width;

    internal BrowserPage(DevTools tools, string session)
    {
        (_tools, _session) = (tools, session);
        tools.Happened += Note;
    }

    /// <summary>Errors and warnings of the page's console, exceptions that nothing caught, and what could not be loaded.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>Addresses that the page has asked for, its own first; "data:" is none.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    internal async Task OpenAsync(Uri address, int width, bool dark, CancellationToken cancellation)
    {
        _width = width;
        foreach (string domain in (string[])["Page", "Runtime", "Log", "Network"])
            await CallAsync($"{domain}.enable", null, cancellation);
        await SizeAsync(900, cancellation);
        await CallAsync(
            "Emulation.setEmulatedMedia",
            new { features = new[] { new { name = "prefers-color-scheme", value = dark ? "dark" : "light" } } },
            cancellation);
        JsonNode opened = await CallAsync("Page.navigate", new { url = address.AbsoluteUri }, cancellation);
        if (opened["errorText"] is { } error)
            throw new InvalidOperationException($"{address} cannot be opened: {(string?)error}");
        await _loaded.Task.WaitAsync(cancellation);
    }

    /// <summary>The value of a JavaScript expression; a promise is awaited.</summary>
    public async Task<T?> EvaluateAsync<T>(string expression, CancellationToken cancellation)
    {
        JsonNode answer = await CallAsync("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true }, cancellation);
        if (answer["exceptionDetails"] is { } fault)
            throw new InvalidOperationException($"{expression}: {fault.ToJsonString()}");
        return answer["result"]!["value"].Deserialize<T>();
    }

    /// <summary>Waits until a JavaScript expression is true.</summary>
    public async Task WaitForAsync(string expression, CancellationToken cancellation)
    {
        while (!await EvaluateAsync<bool>($"Boolean({expression})", cancellation))
            await Task.Delay(20, cancellation);
    }

    /// <summary>A picture of the whole page, PNG.</summary>
    public async Task<byte[]> ScreenshotAsync(CancellationToken cancellation)
    {
        int height = await EvaluateAsync<int>("Math.ceil(document.documentElement.scrollHeight)", cancellation);
        await SizeAsync(Math.Clamp(height, 100, 16_000), cancellation);
        JsonNode picture = await CallAsync("Page.captureScreenshot", new { format = "png" }, cancellation);
        return Convert.FromBase64String((string)picture["data"]!);
    }

    private Task<JsonNode> SizeAsync(int height, CancellationToken cancellation) => CallAsync(
        "Emulation.setDeviceMetricsOverride", new { width = _width, height, deviceScaleFactor = 1, mobile = false }, cancellation);

    private Task<JsonNode> CallAsync(string method, object? parameters, CancellationToken cancellation) =>
        _tools.CallAsync(method, parameters, _session, cancellation);

    private void Note(string? session, string name, JsonNode happened)
    {
        if (session != _session)
            return;
        switch (name)
        {
            case "Page.loadEventFired":
                _loaded.TrySetResult();
                break;
            case "Runtime.exceptionThrown":
                _errors.Enqueue(happened["exceptionDetails"]!.ToJsonString());
                break;
            case "Runtime.consoleAPICalled" when (string?)happened["type"] is "error" or "warning" or "assert":
                _errors.Enqueue(happened["args"]!.ToJsonString());
                break;
            case "Log.entryAdded" when (string?)happened["entry"]!["level"] is "error" or "warning":
                _errors.Enqueue(happened["entry"]!.ToJsonString());
                break;
            case "Network.requestWillBeSent" when (string?)happened["request"]!["url"] is { } address && !address.StartsWith("data:", StringComparison.Ordinal):
                _requests.Enqueue(address);
                break;
        }
    }
}
