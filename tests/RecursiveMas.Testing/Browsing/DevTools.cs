using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RecursiveMas.Testing;

/// <summary>Chromium's DevTools protocol: calls with answers, and events of pages.</summary>
internal sealed class DevTools : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _waiting = new();
    private Task _reading = Task.CompletedTask;
    private int _calls;

    private DevTools()
    {
    }

    /// <summary>Raised for each event with the page's session, its name and its content, in order, on one thread at a time.</summary>
    public event Action<string?, string, JsonNode>? Happened;

    public static async Task<DevTools> ConnectAsync(Uri address, CancellationToken cancellation)
    {
        var tools = new DevTools();
        await tools._socket.ConnectAsync(address, cancellation);
        tools._reading = tools.ReadAsync();
        return tools;
    }

    /// <summary>Calls a method and returns its result.</summary>
    public async Task<JsonNode> CallAsync(string method, object? parameters = null, string? session = null, CancellationToken cancellation = default)
    {
        int id = Interlocked.Increment(ref _calls);
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        var call = new Dictionary<string, object> { ["id"] = id, ["method"] = method, ["params"] = parameters ?? new { } };
        if (session is not null)
            call["sessionId"] = session;
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(call);
        await _sending.WaitAsync(cancellation);
        try
        {
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, cancellation);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reading;
        _socket.Dispose();
        _closing.Dispose();
        _sending.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await MessageAsync() is { } message)
                Receive(message);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException)
        {
            // Whoever still waits is told below.
        }

        foreach (TaskCompletionSource<JsonNode> answer in _waiting.Values)
            answer.TrySetException(new InvalidOperationException("Chromium has closed the connection."));
    }

    private async Task<JsonNode?> MessageAsync()
    {
        using var whole = new MemoryStream();
        byte[] piece = new byte[1 << 16];
        ValueWebSocketReceiveResult read;
        do
        {
            read = await _socket.ReceiveAsync(piece.AsMemory(), _closing.Token);
            if (read.MessageType == WebSocketMessageType.Close)
                return null;
            whole.Write(piece, 0, read.Count);
        }
        while (!read.EndOfMessage);
        return JsonNode.Parse(whole.GetBuffer().AsSpan(0, (int)whole.Length));
    }

    private void Receive(JsonNode message)
    {
        if (message["id"] is null)
        {
            Happened?.Invoke((string?)message["sessionId"], (string)message["method"]!, message["params"]!);
            return;
        }

        if (!_waiting.TryRemove((int)message["id"]!, out TaskCompletionSource<JsonNode>? answer))
            return;
        if (message["error"] is { } error)
            answer.TrySetException(new InvalidOperationException($"Chromium refused: {(string?)error["message"]}"));
        else
            answer.TrySetResult(message["result"]!);
    }
}
