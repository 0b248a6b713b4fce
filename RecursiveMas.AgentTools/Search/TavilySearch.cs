using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RecursiveMas.Search;

namespace RecursiveMas;

/// <summary>Searches the web through the service Tavily.</summary>
/// <remarks>Safe for concurrent calls. The key is looked for at each query, so that one that comes later counts.</remarks>
public sealed class TavilySearch : ISearchProvider
{
    private const long LargestAnswer = 4 << 20;

    private static readonly HttpClient s_shared = new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
    })
    { Timeout = System.Threading.Timeout.InfiniteTimeSpan };

    private readonly TavilyOptions _options;
    private readonly HttpClient _client;

    /// <summary>Creates the provider; no connection is opened yet.</summary>
    /// <param name="options">Key, address and waits. Default: see there.</param>
    /// <param name="client">Client for the connections; it stays the caller's. Default: one that all share.</param>
    public TavilySearch(TavilyOptions? options = null, HttpClient? client = null)
    {
        _options = options ?? new TavilyOptions();
        _client = client ?? s_shared;
    }

    /// <summary>"tavily".</summary>
    public string Name => "tavily";

    /// <inheritdoc/>
    public string? Unavailable => TavilyKey.Find(_options) is { Key: null, Problem: { } problem } ? problem : null;

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The service could not be reached, or answers with a fault.</exception>
    /// <exception cref="TimeoutException">The service did not answer in time.</exception>
    /// <exception cref="JsonException">The answer is none.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(string query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        (string? key, string problem) = TavilyKey.Find(_options);
        if (key is null)
            throw new ToolUnavailableException("search", problem);
        TimeSpan delay = _options.RetryDelay;
        for (int attempt = 1; ; attempt++, delay *= 2)
        {
            using HttpResponseMessage response = await SendAsync(query, key, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return Read(await BodyAsync(response, cancellationToken).ConfigureAwait(false));
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                throw new ToolUnavailableException("search", $"{_options.Endpoint.Host} refuses the key (status {(int)response.StatusCode}). Check it.");
            bool passes = response.StatusCode == HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500;
            if (!passes || attempt >= _options.MaxAttempts)
                throw new HttpRequestException($"{_options.Endpoint.Host} answers with status {(int)response.StatusCode}.", null, response.StatusCode);
            await Task.Delay(delay, _options.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string query, string key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Endpoint)
        {
            Content = new StringContent(
                new JsonObject { ["query"] = query, ["search_depth"] = "advanced" }.ToJsonString(), Encoding.UTF8, MediaTypeNames.Application.Json),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await InTimeAsync(
            token => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellationToken).ConfigureAwait(false);
    }

    private Task<ReadOnlyMemory<byte>> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken) => InTimeAsync(
        async token =>
        {
            using Stream stream = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
            var body = new ArrayBufferWriter<byte>();
            byte[] buffer = new byte[16 << 10];
            while (await stream.ReadAsync(buffer, token).ConfigureAwait(false) is > 0 and int count)
            {
                if (body.WrittenCount + count > LargestAnswer)
                    throw new HttpRequestException($"{_options.Endpoint.Host} answers with more than {LargestAnswer} bytes.");
                body.Write(buffer.AsSpan(0, count));
            }

            return body.WrittenMemory;
        },
        cancellationToken);

    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> act, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(_options.Timeout, _options.Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return await act(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{_options.Endpoint.Host} did not answer within {_options.Timeout.TotalSeconds:0.###} s.");
        }
    }

    internal static IReadOnlyList<SearchResult> Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("The answer of the search service is no object.");
        return document.RootElement.TryGetProperty("results", out JsonElement results) && results.ValueKind == JsonValueKind.Array
            ? [.. results.EnumerateArray().Select(result => new SearchResult(Text(result, "title"), Text(result, "url"), Text(result, "content")))]
            : [];
    }

    private static string? Text(JsonElement result, string name) =>
        result.ValueKind == JsonValueKind.Object && result.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
