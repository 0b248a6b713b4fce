using System.Diagnostics;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>The client under the abstractions' own middleware, and as an agent of the Agent Framework.</summary>
public sealed class MiddlewareTests(TinyFixture tiny) : IClassFixture<TinyFixture>
{
    private const string Text = "all done so = 13\n\\boxed{13}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Logging_sees_requests_and_responses()
    {
        var logs = new FakeLogCollector();
        using var loggers = new LoggerFactory([new FakeLoggerProvider(logs)], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
        using IChatClient client = tiny.Client.AsBuilder().UseLogging(loggers).Build();
        Assert.Equal(Text, (await client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token)).Text);
        Assert.Contains(logs.GetSnapshot(), entry => entry.Message.Contains("boxed{13}", StringComparison.Ordinal));
        logs.Clear();
        Assert.Equal(Text, (await client.GetStreamingResponseAsync(TinyFixture.Ask(), cancellationToken: Token).ToChatResponseAsync(Token)).Text);
        Assert.Contains(logs.GetSnapshot(), entry => entry.Message.Contains(MasChatProperties.Step, StringComparison.Ordinal));
        Assert.Same(tiny.System, client.GetService<MasSystem>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cached_responses_are_those_of_the_first_time(bool coalesced)
    {
        int asked = 0;
        var cache = new MemoryDistributedCache(Microsoft.Extensions.Options.Options.Create(new MemoryDistributedCacheOptions()));
        using IChatClient client = tiny.Client.AsBuilder()
            .UseDistributedCache(cache, caching => caching.CoalesceStreamingUpdates = coalesced)
            .Use(async (messages, options, next, token) =>
            {
                asked++;
                await next(messages, options, token);
            })
            .Build();
        ChatResponse first = await client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token);
        ChatResponse second = await client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token);
        Assert.Equal((Text, first.ResponseId, first.Usage!.TotalTokenCount, 1), (second.Text, second.ResponseId, second.Usage!.TotalTokenCount, asked));
        Assert.Equal(40, second.Usage.AdditionalCounts![MasChatProperties.LatentSteps]);

        ChatResponseUpdate[] live = await client.GetStreamingResponseAsync(TinyFixture.Ask(), cancellationToken: Token).ToArrayAsync(Token);
        ChatResponseUpdate[] cached = await client.GetStreamingResponseAsync(TinyFixture.Ask(), cancellationToken: Token).ToArrayAsync(Token);
        Assert.Equal(2, asked);
        Assert.Equal((Text, live[0].ResponseId), (cached.ToChatResponse().Text, cached[0].ResponseId));
        if (!coalesced)
        {
            Assert.Equal(live.Length, cached.Length);
            Assert.Equal(
                live.Select(update => $"{update.AdditionalProperties![MasChatProperties.Role]} {update.AdditionalProperties[MasChatProperties.Round]}"),
                cached.Select(update => $"{update.AdditionalProperties![MasChatProperties.Role]} {update.AdditionalProperties[MasChatProperties.Round]}"));
        }

        await client.GetResponseAsync(TinyFixture.Ask(), new ChatOptions { MaxOutputTokens = 3 }, Token);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task Function_invocation_lets_text_through_and_tools_of_a_request_are_refused()
    {
        using IChatClient client = tiny.Client.AsBuilder().UseFunctionInvocation().Build();
        Assert.Equal(Text, (await client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token)).Text);
        Assert.Equal(Text, (await client.GetStreamingResponseAsync(TinyFixture.Ask(), cancellationToken: Token).ToChatResponseAsync(Token)).Text);
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] };
        InvalidOptionException error = await Assert.ThrowsAsync<InvalidOptionException>(() => client.GetResponseAsync(TinyFixture.Ask(), options, Token));
        Assert.Contains("(one)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Telemetry_of_the_abstractions_has_usage_and_finish()
    {
        const string Source = "test.chat";
        var activities = new List<Activity>();
        var metrics = new List<Metric>();
        using (TracerProvider tracer = Sdk.CreateTracerProviderBuilder().AddSource(Source).AddInMemoryExporter(activities).Build())
        using (MeterProvider meter = Sdk.CreateMeterProviderBuilder().AddMeter(Source).AddInMemoryExporter(metrics).Build())
        {
            using IChatClient client = tiny.Client.AsBuilder().UseOpenTelemetry(sourceName: Source).Build();
            await client.GetResponseAsync(TinyFixture.Ask(), new ChatOptions { MaxOutputTokens = 14 }, Token);
            await client.GetStreamingResponseAsync(TinyFixture.Ask(), cancellationToken: Token).ToArrayAsync(Token);
            meter.ForceFlush();
        }

        Assert.Equal(2, activities.Count);
        Assert.All(activities, activity =>
        {
            Assert.Equal("chat sequential_tiny", activity.DisplayName);
            Assert.Equal("recursivemas", activity.GetTagItem("gen_ai.provider.name"));
            Assert.Equal("sequential_tiny", activity.GetTagItem("gen_ai.response.model"));
            Assert.Equal("[\"stop\"]", activity.GetTagItem("gen_ai.response.finish_reasons"));
            Assert.InRange(Convert.ToInt64(activity.GetTagItem("gen_ai.usage.input_tokens"), null), 1, 10_000);
            Assert.InRange(Convert.ToInt64(activity.GetTagItem("gen_ai.usage.output_tokens"), null), 1, 14);
        });
        Assert.Contains(metrics, metric => metric.Name == "gen_ai.client.token.usage");
    }

    [Fact]
    public async Task A_system_is_an_agent_of_the_agent_framework()
    {
        var asked = new List<TextRequest>();
        await using MasSystem system = await SmallTalk.LoadAsync(SmallTalk.Speaker(request => $"Answer {request.Prompt.History.Count}", asked));
        AIAgent agent = new ChatClientAgent(system.AsIChatClient(), instructions: "Be brief.", name: "Recursive");
        AgentSession session = await agent.CreateSessionAsync(Token);
        AgentResponse first = await agent.RunAsync("Hi", session, cancellationToken: Token);
        Assert.Equal("Answer 0", first.Text);
        Assert.Equal(0, first.Usage!.AdditionalCounts![MasChatProperties.LatentSteps]);
        string second = "";
        int progress = 0;
        await foreach (AgentResponseUpdate update in agent.RunStreamingAsync("And now?", session, cancellationToken: Token))
        {
            second += update.Text;
            progress += update.AdditionalProperties?.ContainsKey(MasChatProperties.Role) == true ? 1 : 0;
        }

        Assert.Equal("Answer 2", second);
        Assert.True(progress > 2, "updates without who acts");
        Assert.Equal(["Be brief.", "Be brief."], asked.Select(request => request.Prompt.Instructions));
        Assert.Equal([new MasTurn(MasTurnRole.User, "Hi"), new MasTurn(MasTurnRole.Assistant, "Answer 0")], asked[1].Prompt.History);
    }
}
