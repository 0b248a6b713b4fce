using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.AgentTools.Tests.Search;

/// <summary>What is asked of the service, what is made of its answers, and what happens without a key.</summary>
[Collection("environment")]
public sealed class SearchTests : IDisposable
{
    private const string Variable = "TAVILY_API_KEY", Key = "tvly-0123456789abcdef";

    private readonly string? _before = Environment.GetEnvironmentVariable(Variable);

    public SearchTests() => Environment.SetEnvironmentVariable(Variable, null);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Environment.SetEnvironmentVariable(Variable, _before);

    [Fact]
    public async Task Requests_and_texts_are_those_of_the_reference()
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(Goldens.Folder("tools", "search.json"), Token));
        foreach (JsonElement golden in Goldens.NotEmpty(document.RootElement.EnumerateArray(), "tools"))
        {
            var service = new Service(_ => Answer(golden.GetProperty("response").GetRawText()));
            ToolResult result = await Tool(service).RunAsync(golden.GetProperty("query").GetString()!, ToolContext.None, Token);
            Assert.Equal(golden.GetProperty("text").GetString(), ToolProtocol.NeutralizeAsReference(result.Output));
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(golden.GetProperty("request").GetRawText()), JsonNode.Parse(Assert.Single(service.Bodies))));
            Assert.Equal($"Bearer {Key}", Assert.Single(service.Keys));
            Assert.Equal("tavily", result.Provider);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("xxx")]
    [InlineData("tvly-xxx")]
    [InlineData("tvly-YOUR_API_KEY")]
    [InlineData("<your key here>")]
    [InlineData("your-tavily-api-key")]
    [InlineData("xxxxxxxxxxxxxxxx")]
    [InlineData("${TAVILY_API_KEY}")]
    public async Task Without_a_key_the_tool_is_not_available_and_nothing_is_asked(string? key)
    {
        var service = new Service(_ => Answer("{}"));
        var tool = new SearchTool(new TavilySearch(new TavilyOptions { ApiKey = key, EnvFile = "/no/such/file" }, new HttpClient(service)));
        string reason = (await tool.CheckAsync(Token))!;
        Assert.Contains("key", reason, StringComparison.Ordinal);
        ToolUnavailableException error = await Assert.ThrowsAsync<ToolUnavailableException>(() => tool.RunAsync("q", ToolContext.None, Token));
        Assert.Equal(("search", reason), (error.Tool, error.Reason));
        Assert.Empty(service.Bodies);
    }

    [Fact]
    public async Task Keys_come_from_options_the_environment_or_a_file_in_this_order()
    {
        using var folder = new TemporaryFolder();
        folder.Write(".env", "# TAVILY_API_KEY=tvly-comment-0000\nno line\nOTHER=1\nexport TAVILY_API_KEY = \"tvly-file-00000001\"\n");
        Assert.Equal("Bearer tvly-file-00000001", await KeyAsync(null));
        Environment.SetEnvironmentVariable(Variable, "tvly-variable-0001");
        Assert.Equal("Bearer tvly-variable-0001", await KeyAsync(null));
        Assert.Equal("Bearer tvly-option-00001", await KeyAsync("tvly-option-00001"));

        async Task<string> KeyAsync(string? key)
        {
            var service = new Service(_ => Answer("{}"));
            await new TavilySearch(new TavilyOptions { ApiKey = key, EnvFile = folder.Path(".env") }, new HttpClient(service)).SearchAsync("q", Token);
            return Assert.Single(service.Keys);
        }
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, 3)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 3)]
    [InlineData(HttpStatusCode.BadRequest, 1)]
    [InlineData(HttpStatusCode.NotFound, 1)]
    public async Task Only_overload_and_faults_of_the_service_are_tried_again(HttpStatusCode status, int tries)
    {
        var service = new Service(_ => new HttpResponseMessage(status));
        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => Tool(service).RunAsync("q", ToolContext.None, Token));
        Assert.Equal((status, tries), (error.StatusCode, service.Bodies.Count));
        Assert.DoesNotContain(Key, error.ToString(), StringComparison.Ordinal);
        var recovers = new Service(count => count < 3 ? new HttpResponseMessage(HttpStatusCode.BadGateway) : Answer("""{"results":[{"title":"t"}]}"""));
        Assert.Equal("Query: q\nResults:\n[1] t", (await Tool(recovers).RunAsync("q", ToolContext.None, Token)).Output);
    }

    [Fact]
    public async Task A_key_that_is_refused_is_reported_as_that()
    {
        var service = new Service(_ => new HttpResponseMessage(HttpStatusCode.Unauthorized));
        ToolUnavailableException error = await Assert.ThrowsAsync<ToolUnavailableException>(() => Tool(service).RunAsync("q", ToolContext.None, Token));
        Assert.Contains("401", error.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(432)]
    [InlineData(433)]
    public async Task Where_a_key_is_refused_or_used_up_the_next_takes_its_turn_and_keeps_it(int status)
    {
        var service = new Service(count => count == 1 ? new HttpResponseMessage((HttpStatusCode)status) : Answer("""{"results":[{"title":"t"}]}"""));
        var search = new TavilySearch(Keys(2), new HttpClient(service));
        for (int query = 0; query < 3; query++)
            Assert.Single(await search.SearchAsync("q", Token));
        Assert.Equal([$"Bearer {Key}0", $"Bearer {Key}1", $"Bearer {Key}1", $"Bearer {Key}1"], service.Keys);
    }

    [Fact]
    public async Task Only_when_all_keys_are_refused_the_tool_is_not_available()
    {
        var service = new Service(_ => new HttpResponseMessage(HttpStatusCode.Unauthorized));
        var tool = new SearchTool(new TavilySearch(Keys(3), new HttpClient(service)));
        ToolUnavailableException error = await Assert.ThrowsAsync<ToolUnavailableException>(() => tool.RunAsync("q", ToolContext.None, Token));
        Assert.Contains("all 3 keys", error.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error.ToString(), StringComparison.Ordinal);
        Assert.Equal([$"Bearer {Key}0", $"Bearer {Key}1", $"Bearer {Key}2"], service.Keys);

        // One that is only asked too often serves again after a while, though the others are refused.
        var recovers = new Service(count => count < 4
            ? new HttpResponseMessage(count == 2 ? HttpStatusCode.TooManyRequests : HttpStatusCode.Unauthorized)
            : count == 5 ? Answer("""{"results":[{"title":"t"}]}""") : new HttpResponseMessage(HttpStatusCode.Unauthorized));
        Assert.Single(await new TavilySearch(Keys(3), new HttpClient(recovers)).SearchAsync("q", Token));

        // A fault of the service is no fault of a key.
        var broken = new Service(_ => new HttpResponseMessage(HttpStatusCode.BadGateway));
        await Assert.ThrowsAsync<HttpRequestException>(() => new TavilySearch(Keys(3), new HttpClient(broken)).SearchAsync("q", Token));
        Assert.Equal([$"Bearer {Key}0", $"Bearer {Key}0", $"Bearer {Key}0"], broken.Keys);
    }

    [Fact]
    public async Task A_placeholder_among_further_keys_is_named_and_keys_are_never_printed()
    {
        var service = new Service(_ => Answer("{}"));
        var search = new TavilySearch(Keys(2) with { FurtherKeys = [Key + "1", "tvly-xxx"] }, new HttpClient(service));
        Assert.Contains("entry 2 of FurtherKeys", search.Unavailable, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ToolUnavailableException>(() => search.SearchAsync("q", Token));
        Assert.Empty(service.Keys);
        Assert.DoesNotContain(Key, $"{Keys(3)}", StringComparison.Ordinal);
        Assert.Contains("api.tavily.com", $"{Keys(3)}", StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new TavilyOptions { FurtherKeys = [null!] });
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("no json")]
    [InlineData("")]
    public async Task An_answer_that_is_none_is_an_error(string body) => await Assert.ThrowsAnyAsync<JsonException>(
        () => Tool(new Service(_ => Answer(body))).RunAsync("q", ToolContext.None, Token));

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_the_end()
    {
        var service = new Service(_ => new HttpResponseMessage { Content = new StreamContent(new Endless()) });
        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => Tool(service).RunAsync("q", ToolContext.None, Token));
        Assert.Contains("bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_and_a_call_that_is_cancelled_end()
    {
        var silent = new Service(_ => throw new InvalidOperationException()) { Silent = true };
        var options = new TavilyOptions { ApiKey = Key, Timeout = TimeSpan.FromMilliseconds(200) };
        TimeoutException late = await Assert.ThrowsAsync<TimeoutException>(
            () => new TavilySearch(options, new HttpClient(silent)).SearchAsync("q", Token));
        Assert.Contains("0.2 s", late.Message, StringComparison.Ordinal);
        using var stop = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new TavilySearch(options with { Timeout = TimeSpan.FromMinutes(1) }, new HttpClient(silent)).SearchAsync("q", stop.Token));
    }

    [Fact]
    public async Task A_folder_of_texts_is_searched_by_its_words()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Path("cities"));
        folder.Write("cities/paris.md", "# Paris\n\nParis is the capital of France. It lies on the Seine.\n");
        folder.Write("cities/bern.txt", "Bern\n\nBern is the federal city of Switzerland, on the Aare.\n");
        folder.Write("notes.bin", "capital of France: Rome");
        File.CreateSymbolicLink(folder.Path("link.txt"), "/etc/passwd");
        var search = new FolderSearch(folder.Path("."));
        Assert.Null(search.Unavailable);
        SearchResult first = (await search.SearchAsync("What is the capital of France?", Token))[0];
        Assert.Equal(("Paris", "cities/paris.md"), (first.Title, first.Address));
        Assert.Contains("the Seine", first.Content, StringComparison.Ordinal);
        Assert.Equal(["cities/bern.txt"], (await search.SearchAsync("AARE", Token)).Select(result => result.Address));
        Assert.Empty(await search.SearchAsync("root nologin", Token));
        Assert.Empty(await search.SearchAsync("?!", Token));
        Assert.Contains("no folder", new FolderSearch(folder.Path("none")).Unavailable, StringComparison.Ordinal);
        Assert.StartsWith(
            "Query: aare\nResults:\n[1] Bern\nURL: cities/bern.txt\nBern Bern is",
            (await new SearchTool(search).RunAsync("aare", ToolContext.None, Token)).Output,
            StringComparison.Ordinal);
    }

    private static TavilyOptions Keys(int count) => new()
    {
        ApiKey = Key + "0",
        FurtherKeys = [.. Enumerable.Range(1, count - 1).Select(i => $"{Key}{i}")],
        RetryDelay = TimeSpan.FromMilliseconds(1),
    };

    private static SearchTool Tool(Service service) => new(new TavilySearch(
        new TavilyOptions { ApiKey = Key, RetryDelay = TimeSpan.FromMilliseconds(1) }, new HttpClient(service)));

    private static HttpResponseMessage Answer(string json) => new() { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private sealed class Service(Func<int, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        public List<string> Keys { get; } = [];

        public bool Silent { get; init; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Silent)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            Keys.Add(request.Headers.Authorization!.ToString());
            return answer(Bodies.Count);
        }
    }

    private sealed class Endless : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => count;

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
