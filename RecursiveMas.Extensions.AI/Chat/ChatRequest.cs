using Microsoft.Extensions.AI;

namespace RecursiveMas.Chat;

/// <summary>A request as its system is asked: everything in it is mapped or refused.</summary>
/// <param name="Question">The question, with what was said before; its kind is not settled yet.</param>
/// <param name="Kind">Kind of question that the request names; null if it names none.</param>
/// <param name="Options">Settings of the call.</param>
/// <param name="ShowsReasoning">Whether texts that agents write to each other are part of the response.</param>
internal sealed record ChatRequest(MasQuestion Question, TaskKind? Kind, AskOptions Options, bool ShowsReasoning)
{
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Settings; null for none.</param>
    /// <param name="client">The client, for its raw options.</param>
    /// <param name="settings">The client's settings.</param>
    /// <param name="modelId">Id of the model.</param>
    /// <exception cref="InvalidOptionException">An option cannot be met.</exception>
    /// <exception cref="PromptException">The conversation holds what agents cannot read, or no question.</exception>
    public static ChatRequest Read(
        IEnumerable<ChatMessage> messages, ChatOptions? options, IChatClient client, MasChatClientOptions settings, string modelId)
    {
        MasQuestion question = Conversation.Read(messages, options?.Instructions);
        if (options is null)
            return new ChatRequest(question, null, new AskOptions(), ShowsReasoning: true);
        UnmetOptions.Refuse(options, modelId);
        var properties = new PropertyValues(options.AdditionalProperties, settings.IgnoredProperties);
        question = question with
        {
            Id = properties.Text(MasChatProperties.QuestionId),
            FunctionName = properties.Text(MasChatProperties.FunctionName),
            WholeProgram = properties.Flag(MasChatProperties.WholeProgram) ?? false,
        };
        AskOptions given = Raw(options, client);
        return new ChatRequest(
            question,
            properties.OneOf<TaskKind>(MasChatProperties.Kind),
            given with
            {
                Rounds = properties.Number(MasChatProperties.Rounds) ?? given.Rounds,
                LatentSteps = properties.Number(MasChatProperties.LatentSteps) ?? given.LatentSteps,
                Channel = properties.OneOf<MasChannel>(MasChatProperties.Channel) ?? given.Channel,
                AnswerPass = properties.Flag(MasChatProperties.AnswerPass) ?? given.AnswerPass,
                AnswerPassTokens = properties.Number(MasChatProperties.AnswerPassTokens) ?? given.AnswerPassTokens,
                EnableThinking = properties.Flag(MasChatProperties.EnableThinking) ?? given.EnableThinking,
                MaxNewTokens = options.MaxOutputTokens ?? given.MaxNewTokens,
                Seed = options.Seed ?? given.Seed,
                StopSequences = options.StopSequences is { Count: > 0 } stops ? [.. stops] : given.StopSequences,
                Sampling = ChatSampling.Of(options).Over(given.Sampling),
                Tools = options.ToolMode is NoneChatToolMode ? new ToolOptions() : given.Tools,
            },
            options.Reasoning?.Output != ReasoningOutput.None);
    }

    /// <summary>The question as a system is asked: of the kind of the request, else of the client, else one that the system has prompts for.</summary>
    public MasQuestion QuestionFor(MasSystem system, TaskKind? kind) => Question with
    {
        Kind = Kind ?? kind ?? (system.Kinds is var kinds && kinds.Contains(TaskKind.Free) ? TaskKind.Free : kinds.Count > 0 ? kinds[0] : TaskKind.Math),
    };

    /// <summary>What a caller who knows this client gives of its own options.</summary>
    private static AskOptions Raw(ChatOptions options, IChatClient client) => options.RawRepresentationFactory?.Invoke(client) switch
    {
        null => new AskOptions(),
        AskOptions given => given,
        { } other => throw new InvalidOptionException(
            nameof(ChatOptions.RawRepresentationFactory), $"made a {other.GetType().Name}; this client takes {nameof(AskOptions)}."),
    };
}
