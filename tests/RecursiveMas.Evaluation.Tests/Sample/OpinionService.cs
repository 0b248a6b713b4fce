using System.Net;
using System.Text;

namespace RecursiveMas.Evaluation.Tests.Sample;

/// <summary>A service on this machine that completes every chat with the same message.</summary>
internal sealed class OpinionService : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    public OpinionService(string message)
    {
        // A port that was free a moment ago.
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/v1";
        }

        _listener.Prefixes.Add($"{Address}/");
        _listener.Start();
        _serving = Task.Run(() => ServeAsync(message));
    }

    public string Address { get; }

    public List<string> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync(string message)
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                using (var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8))
                    Asked.Add(await reader.ReadToEndAsync());
                string choice = $$"""{"index": 0, "finish_reason": "stop", "message": {{message}}}""";
                byte[] reply = Encoding.UTF8.GetBytes(
                    $$"""{"id": "1", "object": "chat.completion", "created": 1, "model": "small", "choices": [{{choice}}]}""");
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(reply);
                context.Response.Close();
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }
}
