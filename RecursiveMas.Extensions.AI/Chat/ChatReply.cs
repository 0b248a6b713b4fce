using Microsoft.Extensions.AI;

namespace RecursiveMas.Chat;

/// <summary>Turns the events of one run into updates of one response.</summary>
/// <param name="modelId">Id of the model.</param>
/// <param name="progress">Whether events without text become updates, too.</param>
/// <param name="showsReasoning">Whether what agents write to each other becomes reasoning content.</param>
internal sealed class ChatReply(string modelId, bool progress, bool showsReasoning)
{
    private readonly string _responseId = $"mas-{Guid.NewGuid():N}";
    private readonly string _messageId = $"msg-{Guid.NewGuid():N}";
    private readonly DateTimeOffset _created = DateTimeOffset.UtcNow;

    // Agents of one stage write side by side.
    private readonly Dictionary<string, StageStarted> _stages = new(StringComparer.Ordinal);
    private int _reasoningTokens;

    /// <summary>The update of an event; null if there is nothing to say.</summary>
    public ChatResponseUpdate? Of(MasUpdate update) => update switch
    {
        StageStarted stage => Started(stage),
        TokenWritten token => Written(token),
        LatentStepTaken step => Progress(step, "latent_step", (MasChatProperties.Step, step.Step), (MasChatProperties.Steps, step.Steps)),
        HopCrossed hop => Progress(
            hop,
            "hop",
            (MasChatProperties.To, hop.To),
            (MasChatProperties.Edge, hop.Edge),
            (MasChatProperties.Vectors, hop.Shape[0]),
            (MasChatProperties.Width, hop.Shape[1]),
            (MasChatProperties.MeanNorm, hop.MeanNorm)),
        StageCompleted stage => Progress(stage, "stage_completed", (MasChatProperties.Seconds, stage.Duration.TotalSeconds)),
        ToolCallStarted call => Progress(call, "tool_call_started", (MasChatProperties.Tool, call.Tool), (MasChatProperties.Call, call.Call)),
        ToolCallCompleted call => Inserted(
            call,
            "tool_call_completed",
            call.Inserted,
            (MasChatProperties.Tool, call.Tool),
            (MasChatProperties.Call, call.Call),
            (MasChatProperties.Seconds, call.Duration.TotalSeconds)),
        ToolLimitReached limit => Inserted(limit, "tool_limit", limit.Inserted),
        AnswerPassStarted pass => Inserted(pass, "answer_pass", pass.Addition),
        AnswerReady ready => Ended(ready),
        _ => null,
    };

    private ChatResponseUpdate? Started(StageStarted stage)
    {
        _stages[stage.Agent] = stage;
        return Progress(stage, "stage_started", (MasChatProperties.Rounds, stage.Rounds));
    }

    private ChatResponseUpdate? Written(TokenWritten token)
    {
        if (StageOf(token) is { WritesAnswer: false })
            _reasoningTokens += token.TokenId is null ? 0 : 1;
        return token.Text.Length > 0 ? Inserted(token, "token", token.Text) : null;
    }

    /// <summary>Text of an agent, or text that was put behind it.</summary>
    private ChatResponseUpdate? Inserted(MasUpdate update, string what, string text, params ReadOnlySpan<(string Name, object Value)> further)
    {
        bool answers = StageOf(update) is not { WritesAnswer: false };
        if (!answers && !showsReasoning)
            return null;
        return New(update, [answers ? new TextContent(text) : new TextReasoningContent(text)], Properties(update, what, further));
    }

    private ChatResponseUpdate? Progress(MasUpdate update, string what, params ReadOnlySpan<(string Name, object Value)> further) =>
        progress ? New(update, [], Properties(update, what, further)) : null;

    private ChatResponseUpdate Ended(AnswerReady ready)
    {
        MasAnswer answer = ready.Answer;
        AdditionalPropertiesDictionary properties = Properties(ready, "answer", []);
        if (answer.Extracted is { } extracted)
        {
            properties[MasChatProperties.Extracted] = extracted.Value;
            properties[MasChatProperties.ExtractedSource] = extracted.Source.ToString();
        }

        ChatResponseUpdate last = New(ready, [new UsageContent(ChatUsage.Of(answer.Usage, _reasoningTokens))], properties);
        last.FinishReason = ChatUsage.Of(answer.Finish);
        return last;
    }

    private ChatResponseUpdate New(MasUpdate update, IList<AIContent> contents, AdditionalPropertiesDictionary properties) => new(ChatRole.Assistant, contents)
    {
        ResponseId = _responseId,
        MessageId = _messageId,
        ModelId = modelId,
        CreatedAt = _created,
        RawRepresentation = update,
        AdditionalProperties = properties,
    };

    private AdditionalPropertiesDictionary Properties(MasUpdate update, string what, ReadOnlySpan<(string Name, object Value)> further)
    {
        var properties = new AdditionalPropertiesDictionary
        {
            [MasChatProperties.Event] = what,
            [MasChatProperties.Role] = update.Agent,
            [MasChatProperties.Round] = update.Round,
        };
        if (StageOf(update) is { } stage)
            properties[MasChatProperties.Stage] = stage.WritesAnswer ? "answer" : stage.Action == StageAction.Think ? "think" : "write";
        foreach ((string name, object value) in further)
            properties[name] = value;
        return properties;
    }

    private StageStarted? StageOf(MasUpdate update) => _stages.GetValueOrDefault(update.Agent);
}
