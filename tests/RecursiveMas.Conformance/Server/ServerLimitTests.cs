using System.ClientModel;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OpenAI.Chat;
using Xunit;

namespace RecursiveMas.Conformance.Server;

/// <summary>Who is let in, and how much anybody gets.</summary>
public sealed class ServerLimitTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_does_not_know_the_key_reads_the_page_and_nothing_else()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token, ("Server:ApiKey", "open sesame"));
        ChatCompletion answer = await server.Client("open sesame").GetChatClient(RunningServer.Model)
            .CompleteChatAsync([new UserChatMessage(RunningServer.Question)], cancellationToken: Token);
        Assert.Equal(RunningServer.Answer, answer.Content[0].Text);
        ClientResultException wrong = await Assert.ThrowsAsync<ClientResultException>(() => server.Client("open sesam").GetChatClient(RunningServer.Model)
            .CompleteChatAsync([new UserChatMessage(RunningServer.Question)], cancellationToken: Token));
        Assert.Equal(401, wrong.Status);
        Assert.Contains("invalid_api_key", wrong.Message, StringComparison.Ordinal);
        foreach ((string path, HttpStatusCode status) in new[]
        {
            ("/", HttpStatusCode.OK), ("/health", HttpStatusCode.OK), ("/health/live", HttpStatusCode.OK), ("/v1/models", HttpStatusCode.Unauthorized),
            ("/api/systems", HttpStatusCode.Unauthorized), ("//v1/models", HttpStatusCode.Unauthorized), ("/healthy", HttpStatusCode.Unauthorized),
        })
        {
            using HttpResponseMessage response = await server.Http.GetAsync(new Uri(server.Address.AbsoluteUri.TrimEnd('/') + path), Token);
            Assert.Equal((path, status), (path, response.StatusCode));
        }
    }

    [Fact]
    public async Task A_body_has_a_limit_and_is_JSON()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token, ("Server:MaxBodyBytes", "2000"));
        string large = JsonSerializer.Serialize(
            new { model = RunningServer.Model, messages = new[] { new { role = "user", content = new string('x', 3_000) } } });
        Assert.Equal((413, "request_too_large"), await SendAsync(server, large, "application/json"));
        Assert.Equal((400, "invalid_json"), await SendAsync(server, "{", "application/json"));
        Assert.Equal((400, "invalid_json"), await SendAsync(server, new string('[', 1_000), "application/json"));
        Assert.Equal((400, "invalid_json"), await SendAsync(server, """{ "model": "a", "model": "b" }""", "application/json"));
        Assert.Equal((400, "invalid_type"), await SendAsync(server, "[]", "application/json"));
        // What a form of another site can send.
        Assert.Equal((415, "unsupported_media_type"), await SendAsync(server, "{}", "text/plain"));
        using HttpResponseMessage nothing = await server.Http.GetAsync(new Uri("/v1/nothing", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
        Assert.Contains("There is no /v1/nothing.", await nothing.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using HttpResponseMessage get = await server.Http.GetAsync(new Uri("/v1/chat/completions", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task A_question_that_takes_too_long_is_ended()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token, ("Server:MaxTime", "00:00:00.500"));
        (int status, JsonElement body) = await server.PostAsync(Ask(RunningServer.Endless, stream: false), Token);
        Assert.Equal((504, "timeout"), (status, body.GetProperty("error").GetProperty("code").GetString()));
        using HttpResponseMessage stream = await server.Http.PostAsync(RunningServer.Completions, Json(Ask(RunningServer.Endless, stream: true)), Token);
        string[] events = (await stream.Content.ReadAsStringAsync(Token)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        Assert.True(events.Length > 3, $"{events.Length} events");
        Assert.Contains("\"code\":\"timeout\"", events[^1], StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => server.EndlessEnded == 2, s_patience));
    }

    [Fact]
    public async Task Who_finds_the_queue_full_is_told_to_come_back()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        using var leaving = new CancellationTokenSource();
        Task[] running = [.. Enumerable.Range(0, 2).Select(_ => server.PostAsync(Ask(RunningServer.Endless, stream: false), leaving.Token))];
        Assert.True(SpinWait.SpinUntil(() => server.EndlessBegun == 2, s_patience));
        using HttpResponseMessage refused = await server.Http.PostAsync(RunningServer.Completions, Json(Ask(RunningServer.Endless, stream: true)), Token);
        Assert.Equal((HttpStatusCode)429, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains("rate_limit_exceeded", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        await leaving.CancelAsync();
        foreach (Task one in running)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        // Whoever hangs up ends his question.
        Assert.True(SpinWait.SpinUntil(() => server.EndlessEnded == 2, s_patience));
    }

    [Theory]
    [InlineData("Server:MaxTime", "00:00:00")]
    [InlineData("Server:MaxRounds", "0")]
    [InlineData("Systems:sequential_tiny:Ruonds", "2")]
    public async Task A_server_with_wrong_settings_does_not_start(string key, string value) =>
        await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => RunningServer.StartAsync(Token, (key, value)));

    private static object Ask(string model, bool stream) => new { model, stream, messages = new[] { new { role = "user", content = "How many?" } } };

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");

    private static async Task<(int Status, string? Code)> SendAsync(RunningServer server, string body, string type)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type));
        using HttpResponseMessage response = await server.Http.PostAsync(RunningServer.Completions, content, Token);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        return ((int)response.StatusCode, answer.RootElement.GetProperty("error").GetProperty("code").GetString());
    }
}
