using System.Text.Json;
using Microsoft.Extensions.AI;
using RecursiveMas.Chat;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>Every option of a request is mapped or refused by its name.</summary>
public sealed class ChatOptionsTests(TinyFixture tiny) : IClassFixture<TinyFixture>
{
    /// <summary>What becomes of each option: a value, and what it does to the request; null for "is refused".</summary>
    private static readonly Dictionary<string, (object Value, Func<ChatRequest, object?>? Mapped, object? Expected)[]> s_options = new()
    {
        [nameof(ChatOptions.Instructions)] = [("Be brief.", request => request.Question.Instructions, "Be brief.")],
        [nameof(ChatOptions.Temperature)] =
        [
            (0.7f, request => request.Options.Sampling!.Temperature, 0.7),
            (0.7f, request => request.Options.Sampling!.DoSample, true),
            (0f, request => request.Options.Sampling!.DoSample, false),
            (0f, request => request.Options.Sampling!.Temperature, null),
            (-1f, null, null),
            (float.NaN, null, null),
        ],
        [nameof(ChatOptions.TopP)] = [(0.95f, request => request.Options.Sampling!.TopP, 0.95), (2f, null, null)],
        [nameof(ChatOptions.TopK)] = [(7, request => request.Options.Sampling!.TopK, 7), (-1, null, null)],
        [nameof(ChatOptions.Seed)] = [(42L, request => request.Options.Seed, 42L)],
        [nameof(ChatOptions.MaxOutputTokens)] = [(9, request => request.Options.MaxNewTokens, 9)],
        [nameof(ChatOptions.StopSequences)] = [(new List<string> { "a", "b" }, request => string.Join(',', request.Options.StopSequences!), "a,b")],
        [nameof(ChatOptions.FrequencyPenalty)] =
        [
            (0.5f, request => Penalized(request, 1, 1, 2), (-1f, -0.5f)),
            (0f, request => request.Options.Sampling!.LogitsProcessors.Count, 0), (float.NaN, null, null),
        ],
        [nameof(ChatOptions.PresencePenalty)] =
        [
            (0.5f, request => Penalized(request, 1, 1, 2), (-0.5f, -0.5f)), (0f, request => request.Options.Sampling!.LogitsProcessors.Count, 0),
            (float.PositiveInfinity, null, null),
        ],
        [nameof(ChatOptions.ModelId)] = [("sequential_tiny", _ => true, true), ("gpt-x", null, null)],
        [nameof(ChatOptions.ResponseFormat)] =
        [
            (ChatResponseFormat.Text, _ => true, true), (ChatResponseFormat.Json, null, null),
            (ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("{}").RootElement), null, null),
        ],
        [nameof(ChatOptions.ConversationId)] = [("c", null, null)],
        [nameof(ChatOptions.ContinuationToken)] = [(ResponseContinuationToken.FromBytes(new byte[] { 1 }), null, null)],
        // Permissions that nobody makes use of.
        [nameof(ChatOptions.AllowBackgroundResponses)] = [(true, _ => true, true), (false, _ => true, true)],
        [nameof(ChatOptions.AllowMultipleToolCalls)] = [(true, _ => true, true), (false, _ => true, true)],
        [nameof(ChatOptions.Tools)] = [(new List<AITool> { AIFunctionFactory.Create(() => 1, "one") }, null, null), (new List<AITool>(), _ => true, true)],
        [nameof(ChatOptions.ToolMode)] =
        [
            (ChatToolMode.Auto, request => request.Options.Tools, null),
            (ChatToolMode.None, request => request.Options.Tools!.Tools.Count, 0),
            (ChatToolMode.RequireAny, null, null),
            (ChatToolMode.RequireSpecific("one"), null, null),
        ],
        [nameof(ChatOptions.Reasoning)] =
        [
            (new ReasoningOptions { Output = ReasoningOutput.None }, request => request.ShowsReasoning, false),
            (new ReasoningOptions { Output = ReasoningOutput.Full }, request => request.ShowsReasoning, true),
            (new ReasoningOptions { Output = ReasoningOutput.Summary }, null, null),
            (new ReasoningOptions { Effort = ReasoningEffort.High }, null, null),
        ],
        [nameof(ChatOptions.RawRepresentationFactory)] =
        [
            (new Func<IChatClient, object?>(_ => new AskOptions { Rounds = 2 }), request => request.Options.Rounds, 2),
            (new Func<IChatClient, object?>(_ => null), request => request.Options.Rounds, null),
            (new Func<IChatClient, object?>(_ => "something"), null, null),
        ],
        [nameof(ChatOptions.AdditionalProperties)] =
        [
            (Properties(MasChatProperties.Rounds, 2), request => request.Options.Rounds, 2),
            (Properties(MasChatProperties.LatentSteps, 7L), request => request.Options.LatentSteps, 7),
            (Properties(MasChatProperties.LatentSteps, JsonDocument.Parse("7").RootElement), request => request.Options.LatentSteps, 7),
            (Properties(MasChatProperties.Channel, "text"), request => request.Options.Channel, MasChannel.Text),
            (Properties(MasChatProperties.Kind, JsonDocument.Parse("\"Choice\"").RootElement), request => request.Kind, TaskKind.Choice),
            (Properties(MasChatProperties.Kind, TaskKind.Code), request => request.Kind, TaskKind.Code),
            (Properties(MasChatProperties.AnswerPass, false), request => request.Options.AnswerPass, false),
            (Properties(MasChatProperties.AnswerPassTokens, 24), request => request.Options.AnswerPassTokens, 24),
            (Properties(MasChatProperties.EnableThinking, true), request => request.Options.EnableThinking, true),
            (Properties(MasChatProperties.QuestionId, "q7"), request => request.Question.Id, "q7"),
            (Properties(MasChatProperties.FunctionName, "add"), request => request.Question.FunctionName, "add"),
            (Properties(MasChatProperties.WholeProgram, "true"), request => request.Question.WholeProgram, true),
            (Properties("mine", 1), _ => true, true),
            (Properties("other", 1), null, null),
            (Properties("recursivemas.round", 1), null, null),
            (Properties(MasChatProperties.Rounds, "many"), null, null),
            (Properties(MasChatProperties.Rounds, 1.5), null, null),
            (Properties(MasChatProperties.Kind, "7"), null, null),
            (Properties(MasChatProperties.AnswerPass, 1), null, null),
        ],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Options { get; } = [.. Samples.Settable(typeof(ChatOptions)).Select(option => option.Name)];

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_option_is_mapped_or_refused(string option)
    {
        Assert.True(s_options.TryGetValue(option, out var cases), $"{option} is new: map or refuse it in ChatRequest, and say so here.");
        foreach ((object value, Func<ChatRequest, object?>? mapped, object? expected) in cases)
        {
            var options = new ChatOptions();
            typeof(ChatOptions).GetProperty(option)!.SetValue(options, value);
            if (mapped is not null)
            {
                Assert.Equal(expected, mapped(Read(options)));
                continue;
            }

            InvalidOptionException error = Assert.Throws<InvalidOptionException>(() => Read(options));
            Assert.Contains(option, error.Option, StringComparison.Ordinal);
            Assert.Throws<InvalidOptionException>(() => tiny.Client.GetStreamingResponseAsync(TinyFixture.Ask(), options, Token));
        }
    }

    [Fact]
    public void A_name_that_is_nearly_right_is_suggested()
    {
        InvalidOptionException error = Assert.Throws<InvalidOptionException>(
            () => Read(new ChatOptions { AdditionalProperties = Properties("recursivemas.latent_step", 3) }));
        Assert.Contains("Did you mean 'recursivemas.latent_steps'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_request_says_comes_before_raw_options()
    {
        AskOptions shared = new() { MaxNewTokens = 5, Seed = 1, Sampling = new SamplingOptions { TopK = 3, MinP = 0.5 } };
        ChatRequest request = Read(new ChatOptions { MaxOutputTokens = 6, TopK = 4, RawRepresentationFactory = _ => shared });
        Assert.Equal((6, 1L, 4, 0.5), (request.Options.MaxNewTokens, request.Options.Seed, request.Options.Sampling!.TopK, request.Options.Sampling.MinP));
        Assert.Equal(5, shared.MaxNewTokens);
    }

    [Fact]
    public async Task Options_reach_the_run()
    {
        ChatResponse response = await tiny.Client.GetResponseAsync(
            TinyFixture.Ask(), new ChatOptions { AdditionalProperties = new() { [MasChatProperties.Rounds] = 1, [MasChatProperties.LatentSteps] = 2 } }, Token);
        var answer = (MasAnswer)response.RawRepresentation!;
        Assert.Equal((1, 2), (answer.Rounds, answer.LatentSteps));
        await Assert.ThrowsAsync<InvalidOptionException>(
            () => tiny.Client.GetResponseAsync(TinyFixture.Ask(), new ChatOptions { AdditionalProperties = new() { [MasChatProperties.Rounds] = 0 } }, Token));
        await Assert.ThrowsAsync<InvalidOptionException>(
            () => tiny.Client.GetResponseAsync(TinyFixture.Ask(), new ChatOptions { MaxOutputTokens = 0 }, Token));
    }

    [Fact]
    public async Task Penalties_reach_the_choice_of_tokens()
    {
        ChatResponse plain = await tiny.Client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token);
        IReadOnlyList<int> ids = ((MasAnswer)plain.RawRepresentation!).TokenIds;
        Assert.Equal(ids.Distinct().Count(), ids.Count);
        // What is a reward rather than a penalty repeats the first token for ever.
        ChatResponse repeating = await tiny.Client.GetResponseAsync(TinyFixture.Ask(), new ChatOptions { PresencePenalty = -1000 }, Token);
        Assert.Single(((MasAnswer)repeating.RawRepresentation!).TokenIds.Distinct());
    }

    [Fact]
    public async Task Kinds_follow_from_the_prompts_of_a_system()
    {
        Assert.Equal([TaskKind.Math], tiny.System.Kinds);
        await using MasSystem talk = await SmallTalk.LoadAsync(SmallTalk.Speaker(_ => "Hello"));
        Assert.Equal(Enum.GetValues<TaskKind>(), talk.Kinds);
        Assert.Equal(TaskKind.Free, Answer(await talk.AsIChatClient().GetResponseAsync("Hi", cancellationToken: Token)).Question.Kind);
        Assert.Equal(
            TaskKind.Math,
            Answer(await talk.AsIChatClient(new MasChatClientOptions { Kind = TaskKind.Math }).GetResponseAsync("Hi", cancellationToken: Token)).Question.Kind);

        static MasAnswer Answer(ChatResponse response) => (MasAnswer)response.RawRepresentation!;
    }

    private ChatRequest Read(ChatOptions options) => ChatRequest.Read(
        TinyFixture.Ask(), options, tiny.Client, new MasChatClientOptions { IgnoredProperties = ["mine"] }, "sequential_tiny");

    private static AdditionalPropertiesDictionary Properties(string name, object value) => new() { [name] = value };

    /// <summary>What is taken from the scores of the first and the last of the tokens written.</summary>
    private static (float First, float Last) Penalized(ChatRequest request, params int[] written)
    {
        float[] logits = new float[4];
        Assert.Single(request.Options.Sampling!.LogitsProcessors).Process(new LogitsContext([3, .. written], written.Length), logits);
        Assert.Equal((0, 0), (logits[0], logits[3]));
        return (logits[written[0]], logits[written[^1]]);
    }
}
