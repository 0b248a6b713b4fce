using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecursiveMas.Server;

/// <summary>Server-sent events. Writing waits for the reader, and only for that one.</summary>
internal static class EventStream
{
    private static readonly byte[] s_begin = [.. "data: "u8], s_end = [.. "\n\n"u8];

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static void Begin(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        // Proxies that collect what they pass on would turn a stream into one late answer.
        response.Headers["X-Accel-Buffering"] = "no";
    }

    public static Task WriteAsync<T>(HttpResponse response, T value, CancellationToken cancellationToken) =>
        WriteAsync(response, JsonSerializer.SerializeToUtf8Bytes(value, s_json), cancellationToken);

    public static async Task WriteAsync(HttpResponse response, byte[] data, CancellationToken cancellationToken)
    {
        await response.BodyWriter.WriteAsync((byte[])[.. s_begin, .. data, .. s_end], cancellationToken);
    }
}
