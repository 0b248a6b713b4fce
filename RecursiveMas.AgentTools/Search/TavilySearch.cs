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

    // The key is not valid, has no right to this, or its allowance (of the plan, of what is paid for) is used up.
    private static readonly int[] s_refusals = [401, 403, 432, 433];

    private readonly TavilyOptions _options;
    private readonly HttpClient _client;
    private int _turn;

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
    public string? Unavailable => TavilyKey.FindAll(_options) is { Keys.Count: 0, Problem: { } problem } ? problem : null;

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The service could not be reached, or answers with a fault.</exception>
    /// <exception cref="TimeoutException">The service did not answer in time.</exception>
    /// <exception cref="JsonException">The answer is none.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(string query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        (IReadOnlyList<string> keys, string problem) = TavilyKey.FindAll(_options);
        if (keys.Count == 0)
            throw new ToolUnavailableException("search", problem);
        TimeSpan delay = _options.RetryDelay;
        bool waits = false;
        for (int attempt = 1, refusals = 0; ;)
        {
            int turn = Volatile.Read(ref _turn);
            using HttpResponseMessage response = await SendAsync(query, keys[turn % keys.Count], cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return Read(await BodyAsync(response, cancellationToken).ConfigureAwait(false));
            int status = (int)response.StatusCode;
            bool refused = s_refusals.Contains(status), busy = response.StatusCode == HttpStatusCode.TooManyRequests;
            waits |= busy;
            if ((refused || busy) && ++refusals < keys.Count)
            {
                // Of several queries that meet the same refusal, one passes the turn on.
                Interlocked.CompareExchange(ref _turn, (turn + 1) % keys.Count, turn);
                continue;
            }

            // A key that is only asked too often serves again later.
            if (refused && !waits)
            {
                string which = keys.Count == 1 ? "the key" : $"all {keys.Count} keys";
                throw new ToolUnavailableException("search", $"{_options.Endpoint.Host} refuses {which} (status {status}). Check it.");
            }

            if (!(waits || status >= 500) || attempt >= _options.MaxAttempts)
                throw new HttpRequestException($"{_options.Endpoint.Host} answers with status {status}.", null, response.StatusCode);
            await Task.Delay(delay, _options.Clock, cancellationToken).ConfigureAwait(false);
            (waits, refusals) = (false, 0);
            attempt++;
            delay *= 2;
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
