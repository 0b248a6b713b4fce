using System.Globalization;
using Microsoft.Extensions.AI;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>What a response and its stream hold, on real models and on agents without models.</summary>
public sealed class ChatClientTests(TinyFixture tiny) : IClassFixture<TinyFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_response_holds_text_usage_finish_and_ids()
    {
        ChatResponse response = await tiny.Client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token);
        MasAnswer answer = await tiny.System.AskAsync(TinyFixture.Question, Token);
        Assert.Equal("all done so = 13\n\\boxed{13}", answer.Text);
        Assert.Equal(answer.Text, response.Text.Trim());
        Assert.Equal(ChatRole.Assistant, Assert.Single(response.Messages).Role);
        Assert.Equal("sequential_tiny", response.ModelId);
        Assert.False(string.IsNullOrEmpty(response.ResponseId));
        Assert.False(string.IsNullOrEmpty(response.Messages[0].MessageId));
        Assert.Null(response.ConversationId);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.InRange(response.CreatedAt!.Value, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.Equal(answer.TokenIds, Assert.IsType<MasAnswer>(response.RawRepresentation).TokenIds);
        Assert.Equal(
            ("13", "Box"),
            ((string)response.AdditionalProperties![MasChatProperties.Extracted]!, (string)response.AdditionalProperties[MasChatProperties.ExtractedSource]!));
    }

    [Fact]
    public async Task Usage_counts_tokens_as_tokens_and_vectors_apart()
    {
        ChatResponse response = await tiny.Client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token);
        MasUsage usage = ((MasAnswer)response.RawRepresentation!).Usage;
        // Of nine stages the last one writes; every other one takes five steps, and each of these blocks stands in the next prompt.
        Assert.Equal((40, 40), (usage.LatentVectors, usage.SplicedVectors));
        UsageDetails details = response.Usage!;
        Assert.Equal(usage.PromptTokens - 40, details.InputTokenCount);
        Assert.Equal(usage.GeneratedTokens, details.OutputTokenCount);
        Assert.Equal(details.InputTokenCount + details.OutputTokenCount, details.TotalTokenCount);
        Assert.Equal(usage.ReusedPositions, details.CachedInputTokenCount);
        Assert.InRange(details.CachedInputTokenCount!.Value, 1, details.InputTokenCount!.Value);
        Assert.Equal(0, details.ReasoningTokenCount);
        Assert.Equal(40, details.AdditionalCounts![MasChatProperties.LatentSteps]);
        Assert.Equal(40, details.AdditionalCounts[MasChatProperties.SplicedVectors]);
    }

    [Fact]
    public async Task A_stream_says_who_thinks_in_which_round_and_ends_with_usage()
    {
        ChatResponseUpdate[] updates = await tiny.Client.GetStreamingResponseAsync(TinyFixture.Ask(), cancellationToken: Token).ToArrayAsync(Token);
        string[] said = [.. updates.Select(update => string.Join(
            ' ',
            new[] { MasChatProperties.Event, MasChatProperties.Role, MasChatProperties.Round, MasChatProperties.Stage, MasChatProperties.Step }
                .Select(name => Convert.ToString(update.AdditionalProperties?.GetValueOrDefault(name), CultureInfo.InvariantCulture))))];
        var expected = new List<string>();
        foreach ((int round, string role, string to) in
            from round in Enumerable.Range(1, 3)
            from pair in new[] { ("planner", "critic"), ("critic", "solver"), ("solver", "planner") }
            select (round, pair.Item1, pair.Item2))
        {
            bool last = round == 3 && role == "solver";
            expected.Add($"stage_started {role} {round} {(last ? "answer" : "think")} ");
            if (last)
                break;
            expected.AddRange(Enumerable.Range(1, 5).Select(step => $"latent_step {role} {round} think {step}"));
            expected.Add($"stage_completed {role} {round} think ");
            expected.Add($"hop {role} {round} think ");
        }

        Assert.Equal(expected, said.Take(expected.Count));
        Assert.All(said.Skip(expected.Count).SkipLast(2), line => Assert.Equal("token solver 3 answer ", line));
        Assert.Equal(["stage_completed solver 3 answer ", "answer solver 3 answer "], said.TakeLast(2));

        Assert.Single(updates.Select(update => (update.ResponseId, update.MessageId, update.ModelId, update.Role)).Distinct());
        Assert.All(updates.SkipLast(1), update => Assert.Null(update.FinishReason));
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        Assert.Single(updates[^1].Contents.OfType<UsageContent>());
        Assert.Equal(3, updates[0].AdditionalProperties![MasChatProperties.Rounds]);
        ChatResponseUpdate hop = updates.First(update => (string)update.AdditionalProperties![MasChatProperties.Event]! == "hop");
        Assert.Equal(("critic", 5L), ((string)hop.AdditionalProperties![MasChatProperties.To]!, (long)hop.AdditionalProperties[MasChatProperties.Vectors]!));
        Assert.IsType<HopCrossed>(hop.RawRepresentation);
    }

    [Fact]
    public async Task A_stream_put_together_is_the_response()
    {
        ChatResponse whole = await tiny.Client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token);
        ChatResponse together = await tiny.Client.GetStreamingResponseAsync(TinyFixture.Ask(), cancellationToken: Token).ToChatResponseAsync(Token);
        Assert.Equal(whole.Text, together.Text);
        Assert.Equal(whole.FinishReason, together.FinishReason);
        Assert.Equal(whole.Usage!.TotalTokenCount, together.Usage!.TotalTokenCount);
        Assert.Equal(whole.ModelId, together.ModelId);
        Assert.Single(Assert.Single(together.Messages).Contents);
    }

    [Fact]
    public async Task Progress_can_be_left_out_of_a_stream()
    {
        IChatClient client = tiny.System.AsIChatClient(new MasChatClientOptions { ReportProgress = false });
        ChatResponseUpdate[] updates = await client.GetStreamingResponseAsync(TinyFixture.Ask(), cancellationToken: Token).ToArrayAsync(Token);
        Assert.All(updates, update => Assert.NotEmpty(update.Contents));
        Assert.Equal("solver", updates[0].AdditionalProperties![MasChatProperties.Role]);
    }

    [Fact]
    public async Task What_agents_write_to_each_other_is_reasoning()
    {
        await using MasSystem system = await SmallTalk.LoadAsync(SmallTalk.Speaker(_ => "Hello you"));
        IChatClient client = system.AsIChatClient();
        ChatResponse response = await client.GetResponseAsync(TinyFixture.Ask("Hi"), cancellationToken: Token);
        Assert.Equal("Hello you", response.Text);
        Assert.Equal("Be kind.", Assert.Single(response.Messages[0].Contents.OfType<TextReasoningContent>()).Text);
        ChatResponse silent = await client.GetResponseAsync(
            TinyFixture.Ask("Hi"), new ChatOptions { Reasoning = new ReasoningOptions { Output = ReasoningOutput.None } }, Token);
        Assert.Equal("Hello you", silent.Text);
        Assert.Empty(silent.Messages[0].Contents.OfType<TextReasoningContent>());
    }

    [Fact]
    public async Task Tokens_that_agents_write_to_each_other_are_counted_as_reasoning()
    {
        await using MasSystem system = await SmallTalk.LoadAsync(
            new ScriptedAgent("speaker", _ => ["well", " done"]), new ScriptedAgent("adviser", _ => ["one", " two", " three"]));
        ChatResponse response = await system.AsIChatClient().GetResponseAsync(TinyFixture.Ask("Hi"), cancellationToken: Token);
        // Each text has an end token.
        Assert.Equal((7L, 4L), (response.Usage!.OutputTokenCount!.Value, response.Usage.ReasoningTokenCount!.Value));
    }

    [Fact]
    public async Task A_text_that_is_cut_off_ends_by_its_length()
    {
        ChatResponse response = await tiny.Client.GetResponseAsync(
            TinyFixture.Ask(), new ChatOptions { MaxOutputTokens = 3, AdditionalProperties = new() { [MasChatProperties.AnswerPass] = false } }, Token);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(3, response.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task A_text_ends_before_a_stop_sequence_and_nothing_follows_it()
    {
        ChatResponse response = await tiny.Client.GetResponseAsync(TinyFixture.Ask(), new ChatOptions { StopSequences = ["\n"] }, Token);
        Assert.Equal("all done so = 13", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.False(((MasAnswer)response.RawRepresentation!).AnswerPassRan);
    }

    [Fact]
    public async Task Results_of_tools_stand_in_the_text()
    {
        var tools = new ToolOptions { Tools = [new MasTool("clock", (_, _) => Task.FromResult("noon"))] };
        await using MasSystem system = await SmallTalk.LoadAsync(
            SmallTalk.Speaker(request => request.Written.Length == 0 ? "Let me see. <clock></clock>" : " It is noon."),
            configure: options => options.Tools = tools);
        ChatResponse response = await system.AsIChatClient().GetResponseAsync(TinyFixture.Ask("What time is it?"), cancellationToken: Token);
        Assert.Equal("Let me see. <clock></clock> <result> noon </result> It is noon.", response.Text);
        Assert.Equal("clock", Assert.Single(((MasAnswer)response.RawRepresentation!).Tools!.Calls).Tool);

        ChatResponse without = await system.AsIChatClient().GetResponseAsync(
            TinyFixture.Ask("What time is it?"), new ChatOptions { ToolMode = ChatToolMode.None }, Token);
        Assert.Equal("Let me see. <clock></clock>", without.Text);
    }

    [Fact]
    public void Services_are_the_client_its_metadata_and_its_system()
    {
        IChatClient client = tiny.Client;
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Same(client, client.GetService<MasChatClient>());
        Assert.Same(tiny.System, client.GetService<MasSystem>());
        Assert.Same(tiny.System.Style, client.GetService<StyleDefinition>());
        ChatClientMetadata metadata = client.GetService<ChatClientMetadata>()!;
        Assert.Equal(("recursivemas", "sequential_tiny", null), (metadata.ProviderName, metadata.DefaultModelId, metadata.ProviderUri));
        Assert.Null(client.GetService<MasSystem>("key"));
        Assert.Null(client.GetService<string>());
        Assert.Throws<ArgumentNullException>(() => client.GetService(null!));
    }

    [Fact]
    public async Task Disposing_a_client_leaves_the_system()
    {
        tiny.Client.Dispose();
        Assert.NotEmpty((await tiny.Client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token)).Text);
    }

    [Fact]
    public async Task Cancelling_or_leaving_a_stream_ends_the_question()
    {
        var speaker = new ScriptedAgent("speaker", _ => Enumerable.Repeat("word ", 1000)) { BeforeToken = _ => Task.Delay(1, CancellationToken.None) };
        await using MasSystem system = await SmallTalk.LoadAsync(speaker, configure: options => options.MaxNewTokens = 2000);
        IChatClient client = system.AsIChatClient();
        using var cancellation = new CancellationTokenSource();
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(TinyFixture.Ask("Hi"), cancellationToken: cancellation.Token))
            {
                if (update.Text.Length > 0)
                    await cancellation.CancelAsync();
            }
        });
        Assert.Equal(cancellation.Token, error.CancellationToken);
        Assert.Equal(0, speaker.OpenSessions);

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(TinyFixture.Ask("Hi"), cancellationToken: Token))
        {
            if (update.Text.Length > 0)
                break;
        }

        Assert.Equal(0, speaker.OpenSessions);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetResponseAsync(TinyFixture.Ask("Hi"), cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Requests_that_run_at_once_do_not_mix()
    {
        string[] texts = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            ChatResponse response = await tiny.Client.GetStreamingResponseAsync(
                TinyFixture.Ask(i % 2 == 0 ? TinyFixture.Question : "Tom has 4 cards. January times 3. February gets 6. March loses 9. How many cards?"),
                cancellationToken: Token).ToChatResponseAsync(Token);
            return response.Text;
        }));
        Assert.Equal(2, texts.Distinct().Count());
        Assert.Single(texts.Where((_, i) => i % 2 == 0).Distinct());
    }

    [Fact]
    public async Task Faults_of_the_system_reach_the_caller_by_type()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => tiny.Client.GetResponseAsync((IEnumerable<ChatMessage>)null!, cancellationToken: Token));
        Assert.Throws<ArgumentNullException>(() => tiny.Client.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!, cancellationToken: Token));
        await Assert.ThrowsAsync<PromptException>(() => tiny.Client.GetResponseAsync(TinyFixture.Ask(" "), cancellationToken: Token));
        await Assert.ThrowsAsync<PromptException>(
            () => tiny.Client.GetResponseAsync(TinyFixture.Ask(string.Join(' ', Enumerable.Repeat("gets", 5000))), cancellationToken: Token));
    }
}
