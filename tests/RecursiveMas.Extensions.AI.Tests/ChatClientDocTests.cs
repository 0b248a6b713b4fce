using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using RecursiveMas.ChatClientSample;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>The code of docs/chat-client.md compiles and runs, and so does the sample.</summary>
public sealed class ChatClientDocTests(TinyFixture tiny) : IClassFixture<TinyFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_page_shows_what_runs_here() =>
        Readme.RequireSameBlocks("docs/chat-client.md", "tests/RecursiveMas.Extensions.AI.Tests/ChatClientDocTests.cs");

    [Fact]
    public async Task A_stream_runs() => await StreamAsync(tiny.System);

    private static async Task StreamAsync(MasSystem mas)
    {
        // DOC
        IChatClient client = mas.AsIChatClient();
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Mia has 19 coins. January gets 1. February loses 2. How many coins?"))
        {
            if (update.AdditionalProperties?["recursivemas.event"] is "stage_started")
                Console.WriteLine($"{update.AdditionalProperties["recursivemas.role"]} in round {update.AdditionalProperties["recursivemas.round"]}");
            Console.Write(update.Text);
        }
        // END
    }

    [Fact]
    public async Task A_registration_runs()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        // DOC
        services.AddRecursiveMas(options => options.Style = "sequential_tiny")
            .AddChatClient(pipeline: (client, provider) => client.AsBuilder().UseLogging().UseOpenTelemetry().Build(provider));
        // END
        await using ServiceProvider host = services.BuildServiceProvider();
        Assert.NotEmpty((await host.GetRequiredService<IChatClient>().GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token)).Text);
    }

    [Fact]
    public async Task An_agent_of_the_framework_runs()
    {
        await using MasSystem system = await SmallTalk.LoadAsync(SmallTalk.Speaker(_ => "4"));
        Assert.Equal("4", await RunAsync(system.AsIChatClient()));
    }

    private static async Task<string> RunAsync(IChatClient client)
    {
        // DOC
        AIAgent agent = new ChatClientAgent(client, instructions: "Be brief.", name: "Recursive");
        AgentResponse response = await agent.RunAsync("What is 2 + 2?");
        // END
        return response.Text;
    }

    [Fact]
    public async Task Options_run()
    {
        // DOC
        var options = new ChatOptions { MaxOutputTokens = 100, AdditionalProperties = new() { ["recursivemas.rounds"] = 2 } };
        // END
        ChatResponse response = await tiny.Client.GetResponseAsync(TinyFixture.Ask(), options, Token);
        Assert.Equal(2, ((MasAnswer)response.RawRepresentation!).Rounds);
    }

    [Fact]
    public void A_hosted_agent_is_put_together()
    {
        IChatClient hosted = new FakeClient(_ => "Yes");
        // DOC
        var options = new MasOptions
        {
            Channel = MasChannel.Text,
            Agents = { ["critic"] = new ChatAgent("critic", hosted, new ChatOptions { ModelId = "some-model" }) },
        };
        // END
        Assert.Equal("critic", options.Agents["critic"].Name);
    }

    [Fact]
    public async Task A_function_runs()
    {
        await using MasSystem system = await SmallTalk.LoadAsync(
            SmallTalk.Speaker(request => request.Written.Length == 0 ? "<temperature>Paris</temperature>" : " Warm."));
        MasAnswer answer = await CallAsync(system);
        Assert.Equal("<temperature>Paris</temperature> <result> 21 </result> Warm.", answer.Text);
    }

    [Fact]
    public async Task The_sample_shows_who_thinks()
    {
        await using var screen = new StringWriter { NewLine = "\n" };
        await ChatScreen.ShowAsync(tiny.Client, TinyFixture.Question, screen, Token);
        string[] lines = screen.ToString().Split('\n');
        Assert.Equal("round 1, planner: ..... to critic", lines[0]);
        Assert.Equal("round 3, solver: all done so = 13", lines[8]);
        Assert.Equal("\\boxed{13}", lines[9]);
        Assert.EndsWith(" written, 40 latent steps", lines[10], StringComparison.Ordinal);
    }

    private static async Task<MasAnswer> CallAsync(MasSystem mas)
    {
        // DOC
        AIFunction temperature = AIFunctionFactory.Create((string city) => city == "Paris" ? 21 : 18, "temperature", "Degrees Celsius in a city.");
        var tools = new ToolOptions { Tools = [new AIFunctionTool(temperature)] };
        MasAnswer answer = await mas.AskAsync(new MasQuestion("How warm is it in Paris?") { Kind = TaskKind.Free }, new AskOptions { Tools = tools });
        // END
        return answer;
    }
}
