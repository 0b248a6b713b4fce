using System.ClientModel;
using System.Text;
using System.Text.Json;
using OpenAI.Chat;
using OpenAI.Models;
using Xunit;

namespace RecursiveMas.Conformance.Server;

/// <summary>OpenAI's client, and the bytes on the wire where the client passes over them.</summary>
public sealed class OpenAIClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_client_asks_and_reads_the_answer_whole_or_in_pieces()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        ChatCompletion whole = await server.Chat().CompleteChatAsync([new UserChatMessage(RunningServer.Question)], cancellationToken: Token);
        Assert.Equal(
            (RunningServer.Answer, ChatFinishReason.Stop, RunningServer.Model, ChatMessageRole.Assistant),
            (whole.Content[0].Text, whole.FinishReason, whole.Model, whole.Role));
        Assert.StartsWith("chatcmpl-", whole.Id, StringComparison.Ordinal);
        Assert.InRange(whole.CreatedAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Equal(whole.Usage.InputTokenCount + whole.Usage.OutputTokenCount, whole.Usage.TotalTokenCount);
        Assert.InRange(whole.Usage.OutputTokenCount, 5, 40);
        Assert.InRange(whole.Usage.InputTokenDetails.CachedTokenCount, 1, whole.Usage.InputTokenCount);

        var text = new StringBuilder();
        StreamingChatCompletionUpdate? last = null;
        ChatFinishReason? finish = null;
        int pieces = 0;
        await foreach (StreamingChatCompletionUpdate update in server.Chat().CompleteChatStreamingAsync(
            [new UserChatMessage(RunningServer.Question)], cancellationToken: Token))
        {
            foreach (ChatMessageContentPart part in update.ContentUpdate)
                text.Append(part.Text);
            pieces += update.ContentUpdate.Count;
            finish = update.FinishReason ?? finish;
            last = update;
        }

        Assert.Equal((RunningServer.Answer, ChatFinishReason.Stop), (text.ToString(), finish));
        Assert.True(pieces > 5, $"{pieces} pieces");
        Assert.Equal(
            (whole.Usage.InputTokenCount, whole.Usage.OutputTokenCount, whole.Usage.TotalTokenCount),
            (last!.Usage.InputTokenCount, last.Usage.OutputTokenCount, last.Usage.TotalTokenCount));
    }

    [Fact]
    public async Task Settings_and_conversations_reach_the_system()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        ChatCompletion cut = await server.Chat().CompleteChatAsync(
            [new UserChatMessage(RunningServer.Question)], new ChatCompletionOptions { MaxOutputTokenCount = 3, EndUserId = "somebody" }, Token);
        Assert.Equal((ChatFinishReason.Length, 3), (cut.FinishReason, cut.Usage.OutputTokenCount));
        ChatCompletion stopped = await server.Chat().CompleteChatAsync(
            [new UserChatMessage(RunningServer.Question)], new ChatCompletionOptions { StopSequences = { "\n" }, Temperature = 0 }, Token);
        Assert.Equal(("all done so = 13", ChatFinishReason.Stop), (stopped.Content[0].Text, stopped.FinishReason));
        // The last message is the question; the agents read what was said before, too.
        ChatCompletion third = await server.Chat().CompleteChatAsync(
            [
                new SystemChatMessage("Be short."), new UserChatMessage("Hello."), new AssistantChatMessage("Hello."),
                new UserChatMessage(RunningServer.Question),
            ],
            cancellationToken: Token);
        ChatCompletion first = await server.Chat().CompleteChatAsync([new UserChatMessage(RunningServer.Question)], cancellationToken: Token);
        Assert.True(third.Usage.InputTokenCount > first.Usage.InputTokenCount);
        (int status, JsonElement body) = await server.PostAsync(
            new { model = RunningServer.Model, messages = Messages(RunningServer.Question), recursivemas = new { rounds = 1, latent_steps = 2 } }, Token);
        Assert.Equal(200, status);
        // Three agents pass on vectors in each round; the third only where another round follows.
        Assert.Equal(4, body.GetProperty("usage").GetProperty("recursivemas").GetProperty("latent_steps").GetInt32());
    }

    [Fact]
    public async Task Models_are_listed()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        OpenAIModelClient models = server.Client().GetOpenAIModelClient();
        OpenAIModelCollection all = await models.GetModelsAsync(Token);
        Assert.Equal([RunningServer.Endless, RunningServer.Flood, RunningServer.Model], all.Select(model => model.Id).Order(StringComparer.Ordinal));
        OpenAIModel one = await models.GetModelAsync(RunningServer.Model, Token);
        Assert.Equal((RunningServer.Model, "recursivemas"), (one.Id, one.OwnedBy));
        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(() => models.GetModelAsync("gpt", Token));
        Assert.Equal(404, error.Status);
    }

    [Fact]
    public async Task The_client_is_told_what_it_did_wrong()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        ClientResultException unknown = await FailAsync(server, "gpt-x", new ChatCompletionOptions());
        Assert.Equal(404, unknown.Status);
        Assert.Contains("model_not_found", unknown.Message, StringComparison.Ordinal);
        var tool = ChatTool.CreateFunctionTool("weather");
        ClientResultException tools = await FailAsync(server, RunningServer.Model, new ChatCompletionOptions { Tools = { tool } });
        Assert.Equal(400, tools.Status);
        Assert.Contains("'tools' is not supported", tools.Message, StringComparison.Ordinal);
        ClientResultException format = await FailAsync(
            server, RunningServer.Model, new ChatCompletionOptions { ResponseFormat = ChatResponseFormat.CreateJsonObjectFormat() });
        Assert.Contains("'response_format' is not supported", format.Message, StringComparison.Ordinal);
        ClientResultException image = await Assert.ThrowsAsync<ClientResultException>(() => server.Chat().CompleteChatAsync(
            [new UserChatMessage(ChatMessageContentPart.CreateImagePart(new Uri("http://localhost/x.png")))], cancellationToken: Token));
        Assert.Contains("Agents read text only", image.Message, StringComparison.Ordinal);
        // In a stream, too, what is refused has a status of its own.
        ClientResultException late = await Assert.ThrowsAsync<ClientResultException>(async () =>
        {
            await foreach (StreamingChatCompletionUpdate _ in server.Chat().CompleteChatStreamingAsync(
                [new UserChatMessage(string.Concat(Enumerable.Repeat(RunningServer.Question, 300)))], cancellationToken: Token))
            {
            }
        });
        Assert.Equal(400, late.Status);
    }

    [Theory]
    [InlineData("""{ "temprature": 1 }""", "temprature", "unknown_parameter")]
    [InlineData("""{ "n": 2 }""", "n", "unsupported_parameter")]
    [InlineData("""{ "logprobs": true }""", "logprobs", "unsupported_parameter")]
    [InlineData("""{ "logit_bias": { "1": 2 } }""", "logit_bias", "unsupported_parameter")]
    [InlineData("""{ "reasoning_effort": "low" }""", "reasoning_effort", "unsupported_parameter")]
    [InlineData("""{ "store": true }""", "store", "unsupported_parameter")]
    [InlineData("""{ "temperature": 3 }""", "temperature", "invalid_value")]
    [InlineData("""{ "temperature": "hot" }""", "temperature", "invalid_value")]
    [InlineData("""{ "max_tokens": 0 }""", "max_tokens", "invalid_value")]
    [InlineData("""{ "max_tokens": 1000000 }""", "max_completion_tokens", "invalid_value")]
    [InlineData("""{ "stop": ["a", "b", "c", "d", "e"] }""", "stop", "invalid_value")]
    [InlineData("""{ "stream_options": { "include_usage": true } }""", "stream_options", "invalid_value")]
    [InlineData("""{ "stream": true, "stream_options": { "usage": true } }""", "stream_options.usage", "unknown_parameter")]
    [InlineData("""{ "recursivemas": { "rounds": 99 } }""", "rounds", "invalid_value")]
    [InlineData("""{ "recursivemas": { "turns": 1 } }""", "recursivemas.turns", "unknown_parameter")]
    [InlineData("""{ "messages": "hello" }""", "messages", "invalid_value")]
    [InlineData("""{ "messages": [ { "role": "tool", "content": "x" } ] }""", "messages[0].role", "invalid_value")]
    [InlineData("""{ "messages": [ { "role": "user", "content": "x", "name": "y" } ] }""", "messages[0].name", "unsupported_parameter")]
    [InlineData("""{ "messages": [ { "role": "user" } ] }""", "messages[0].content", "missing_required_parameter")]
    [InlineData("""{ "messages": [ { "role": "assistant", "content": "x" } ] }""", "messages", "invalid_prompt")]
    [InlineData("""{ "model": null }""", "model", "missing_required_parameter")]
    public async Task What_is_not_met_is_refused_by_name(string addition, string parameter, string code)
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        Dictionary<string, object?> body = new() { ["model"] = RunningServer.Model, ["messages"] = Messages("How many?") };
        foreach (JsonProperty property in JsonDocument.Parse(addition).RootElement.EnumerateObject())
            body[property.Name] = property.Value;
        (int status, JsonElement answer) = await server.PostAsync(body, Token);
        JsonElement error = answer.GetProperty("error");
        Assert.Equal(
            (400, "invalid_request_error", parameter, code),
            (status, error.GetProperty("type").GetString(), error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task What_changes_nothing_is_taken()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        (int status, JsonElement answer) = await server.PostAsync(
            new
            {
                model = RunningServer.Model,
                messages = new object[] { new { role = "user", content = new[] { new { type = "text", text = RunningServer.Question } } } },
                n = 1,
                logprobs = false,
                store = false,
                user = "me",
                metadata = new { a = "b" },
                tools = Array.Empty<object>(),
                tool_choice = "none",
                response_format = new { type = "text" },
                service_tier = "auto",
                seed = 1,
                stop = (string?)null,
            },
            Token);
        Assert.Equal(200, status);
        Assert.Equal(RunningServer.Answer, answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_is_a_role_then_pieces_then_a_reason_then_perhaps_the_usage_then_done(bool usage)
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        using var content = new StringContent(
            JsonSerializer.Serialize(new
            {
                model = RunningServer.Model,
                messages = Messages(RunningServer.Question),
                stream = true,
                stream_options = usage ? new { include_usage = true } : null,
            }),
            Encoding.UTF8,
            "application/json");
        using HttpResponseMessage response = await server.Http.PostAsync(RunningServer.Completions, content, Token);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string[] events = (await response.Content.ReadAsStringAsync(Token)).Split("\n\n");
        Assert.Equal("", events[^1]);
        Assert.Equal("data: [DONE]", events[^2]);
        JsonElement[] chunks = [.. events[..^2].Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement)];
        Assert.Single(chunks.Select(chunk => (chunk.GetProperty("id").GetString(), chunk.GetProperty("created").GetInt64())).Distinct());
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString()));
        Assert.Equal("assistant", Choice(chunks[0]).GetProperty("delta").GetProperty("role").GetString());
        Assert.All(chunks, chunk => Assert.Equal(usage, chunk.TryGetProperty("usage", out _)));
        JsonElement[] said = usage ? chunks[..^1] : chunks;
        if (usage)
        {
            Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
            Assert.InRange(chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32(), 5, 40);
        }

        Assert.Equal(RunningServer.Answer, string.Concat(said[..^1].Select(chunk => Choice(chunk).GetProperty("delta").GetProperty("content").GetString())));
        Assert.All(said[..^1], chunk => Assert.Equal(JsonValueKind.Null, Choice(chunk).GetProperty("finish_reason").ValueKind));
        Assert.Equal("stop", Choice(said[^1]).GetProperty("finish_reason").GetString());
        Assert.Empty(Choice(said[^1]).GetProperty("delta").EnumerateObject());

        static JsonElement Choice(JsonElement chunk) => chunk.GetProperty("choices")[0];
    }

    private static object[] Messages(string text) => [new { role = "user", content = text }];

    private static Task<ClientResultException> FailAsync(RunningServer server, string model, ChatCompletionOptions options) =>
        Assert.ThrowsAsync<ClientResultException>(() => server.Chat(model).CompleteChatAsync([new UserChatMessage(RunningServer.Question)], options, Token));
}
