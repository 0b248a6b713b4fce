using Microsoft.Extensions.AI;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>A chat client in a role of a system: what it is sent, and what becomes of what it says.</summary>
public sealed class ChatAgentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hosted_model_plays_a_role()
    {
        var client = new FakeClient(_ => "It is |\\boxed{4}.");
        await using MasSystem system = await SmallTalk.LoadAsync(new ChatAgent("speaker", client), configure: options =>
        {
            options.MaxNewTokens = 77;
            options.Seed = 5;
            options.Sampling = new SamplingOptions { DoSample = true, Temperature = 0.5, TopP = 0.9, TopK = 8 };
        });
        var question = new MasQuestion("What is 2 + 2?")
        {
            Instructions = "Be brief.",
            History = [new MasTurn(MasTurnRole.User, "Hi"), new MasTurn(MasTurnRole.Assistant, "Hello")],
        };
        MasAnswer answer = await system.AskAsync(question, new AskOptions { StopSequences = ["STOP"] }, Token);
        Assert.Equal(("It is \\boxed{4}.", "4", FinishReason.EndOfSequence), (answer.Text, answer.Extracted?.Value, answer.Finish));
        Assert.Equal(new AgentUsage(11, 0, 3) { ReusedPositions = 4 }, answer.Usage.ByAgent["speaker"]);
        (IReadOnlyList<ChatMessage> messages, ChatOptions options) = Assert.Single(client.Asked);
        Assert.Equal(
            ["system: Be brief.", "user: Hi", "assistant: Hello", "user: What is 2 + 2?\nBe kind."],
            messages.Select(message => $"{message.Role}: {message.Text}"));
        Assert.Equal((0.5f, 0.9f, 8, 5L, 77), (options.Temperature, options.TopP, options.TopK, options.Seed, options.MaxOutputTokens));
        Assert.Equal(["STOP"], options.StopSequences);
    }

    [Fact]
    public async Task Options_of_the_role_come_first_and_the_lower_limit_counts()
    {
        var client = new FakeClient(_ => "Yes");
        var own = new ChatOptions { ModelId = "m", Temperature = 1, Seed = 9, MaxOutputTokens = 5, StopSequences = ["X"] };
        await using MasSystem system = await SmallTalk.LoadAsync(new ChatAgent("speaker", client, own), configure: options =>
        {
            options.MaxNewTokens = 77;
            options.Seed = 5;
            options.StopSequences = ["Y"];
            options.Sampling = new SamplingOptions { DoSample = false };
        });
        await system.AskAsync("Hi", Token);
        ChatOptions sent = client.Asked[0].Options;
        Assert.Equal(("m", 1f, 9L, 5), (sent.ModelId, sent.Temperature, sent.Seed, sent.MaxOutputTokens));
        Assert.Equal(["X", "Y"], sent.StopSequences);
        Assert.Equal(["X"], own.StopSequences);
    }

    [Fact]
    public async Task What_has_no_word_is_refused_and_sampling_can_be_kept_back()
    {
        var client = new FakeClient(_ => "Yes");
        var sampling = new SamplingOptions { DoSample = true, Temperature = 0.5, MinP = 0.1 };
        await using (MasSystem system = await SmallTalk.LoadAsync(new ChatAgent("speaker", client), configure: options => options.Sampling = sampling))
        {
            InvalidOptionException error = await Assert.ThrowsAsync<InvalidOptionException>(() => system.AskAsync("Hi", Token));
            Assert.Equal(nameof(SamplingOptions.MinP), error.Option);
        }

        await using MasSystem silent = await SmallTalk.LoadAsync(
            new ChatAgent("speaker", client) { SendSampling = false }, configure: options => options.Sampling = sampling);
        await silent.AskAsync("Hi", Token);
        Assert.Null(Assert.Single(client.Asked).Options.Temperature);
    }

    [Fact]
    public async Task Greedy_is_temperature_0()
    {
        var client = new FakeClient(_ => "Yes");
        await using MasSystem system = await SmallTalk.LoadAsync(
            new ChatAgent("speaker", client), configure: options => options.Sampling = new SamplingOptions { DoSample = false });
        await system.AskAsync("Hi", Token);
        Assert.Equal(0, client.Asked[0].Options.Temperature);
    }

    [Fact]
    public async Task It_calls_tools_and_goes_on_behind_their_results()
    {
        var client = new FakeClient(
            messages => messages[^1].Text.StartsWith("Go on", StringComparison.Ordinal) ? " It is noon." : "See: <clock>|</clock> ignored");
        await using MasSystem system = await SmallTalk.LoadAsync(
            new ChatAgent("speaker", client),
            configure: options => options.Tools = new ToolOptions { Tools = [new MasTool("clock", (_, _) => Task.FromResult("noon"))] });
        MasAnswer answer = await system.AskAsync(new MasQuestion("Time?") { Kind = TaskKind.Free }, null, Token);
        Assert.Equal("See: <clock></clock> <result> noon </result> It is noon.", answer.Text);
        Assert.Equal(
            [
                "user: Time?\nBe kind.",
                "assistant: See: <clock></clock> <result> noon </result>",
                "user: Go on with your last message exactly where it ends. Do not repeat any of it.",
            ],
            client.Asked[1].Messages.Select(message => $"{message.Role}: {message.Text}"));

        await using MasSystem prefill = await SmallTalk.LoadAsync(
            new ChatAgent("speaker", new FakeClient(messages => messages[^1].Role == ChatRole.Assistant ? " It is noon." : "<clock></clock>")) { GoOn = null },
            configure: options => options.Tools = new ToolOptions { Tools = [new MasTool("clock", (_, _) => Task.FromResult("noon"))] });
        Assert.EndsWith("It is noon.", (await prefill.AskAsync(new MasQuestion("Time?") { Kind = TaskKind.Free }, null, Token)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_of_texts_are_told_apart()
    {
        async Task<MasAnswer> Ask(FakeClient client, AskOptions? options = null)
        {
            await using MasSystem system = await SmallTalk.LoadAsync(new ChatAgent("speaker", client));
            return await system.AskAsync(new MasQuestion("Hi") { Kind = TaskKind.Free }, options, Token);
        }

        ChatResponseUpdate Ends(ChatFinishReason reason) => new() { FinishReason = reason };
        Assert.Equal(FinishReason.MaxNewTokens, (await Ask(new FakeClient(_ => "cut") { Last = () => Ends(ChatFinishReason.Length) })).Finish);
        MasAnswer stopped = await Ask(new FakeClient(_ => "one ST|OP two"), new AskOptions { StopSequences = ["STOP"] });
        Assert.Equal(("one", FinishReason.StopSequence), (stopped.Text, stopped.Finish));

        foreach ((FakeClient client, string sentence) in new[]
        {
            (new FakeClient(_ => "x") { Last = () => Ends(ChatFinishReason.ContentFilter) }, "withheld its text"),
            (new FakeClient(_ => "x") { Last = () => new ChatResponseUpdate { Contents = [new ErrorContent("quota")] } }, "reported an error: quota"),
            (new FakeClient(_ => "x") { Last = () => new ChatResponseUpdate { Contents = [new FunctionCallContent("1", "f")] } }, "asked for the function 'f'"),
            (new FakeClient(_ => throw new HttpRequestException("no route")), "failed: no route"),
        })
        {
            ChatAgentException error = await Assert.ThrowsAsync<ChatAgentException>(() => Ask(client));
            Assert.Equal("speaker", error.Agent);
            Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_failing_client_fails_its_question_and_no_other()
    {
        var client = new FakeClient(
            messages => messages[^1].Text.StartsWith("bad", StringComparison.Ordinal) ? throw new HttpRequestException("no route") : "fine");
        await using MasSystem system = await SmallTalk.LoadAsync(new ChatAgent("speaker", client));
        List<MasResult> results = await system.AskManyAsync(["good", "bad", "good"], cancellationToken: Token).ToListAsync(Token);
        Assert.Equal([1], results.Where(result => !result.Succeeded).Select(result => result.Index));
    }

    [Fact]
    public async Task Sessions_fork_and_cancel()
    {
        var client = new FakeClient(messages => messages.Count > 1 ? " more" : "some");
        var agent = new ChatAgent("speaker", client);
        await using IAgentSession session = await agent.OpenAsync(cancellationToken: Token);
        await session.ReadAsync(new AgentPrompt(null, [PromptPart.Given("Hi")]), Token);
        var options = new WriteOptions { MaxNewTokens = 9 };
        await session.WriteAsync(options, Token).ToListAsync(Token);
        await using IAgentSession fork = session.Fork();
        await fork.WriteAsync(options, Token).ToListAsync(Token);
        await session.WriteAsync(options, Token).ToListAsync(Token);
        Assert.Equal("some", client.Asked[1].Messages[1].Text);
        Assert.Equal("some", client.Asked[2].Messages[1].Text);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await session.WriteAsync(options, new CancellationToken(canceled: true)).ToListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_system_can_play_a_role_in_a_system()
    {
        await using MasSystem inner = await MasSystem.LoadAsync("sequential_tiny", cancellationToken: Token);
        await using MasSystem outer = await SmallTalk.LoadAsync(
            SmallTalk.Speaker(request => $"They say {request.Prompt.UserText.Split('{')[^1].TrimEnd('}')}"),
            new ChatAgent("adviser", inner.AsIChatClient()),
            options => options.Sampling = new SamplingOptions { DoSample = false });
        MasAnswer answer = await outer.AskAsync(new MasQuestion(TinyFixture.Question) { Kind = TaskKind.Free }, new AskOptions { MaxNewTokens = 14 }, Token);
        // The adviser's system text reaches the agents of its own system.
        MasAnswer direct = await inner.AskAsync(new MasQuestion(TinyFixture.Question) { Instructions = "Advise." }, null, Token);
        Assert.Equal($"They say {direct.Extracted?.Value}", answer.Text);
    }
}
