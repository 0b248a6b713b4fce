using RecursiveMas.Templates.Prompts;

namespace RecursiveMas;

/// <summary>Renders conversations with the chat templates of a checkpoint, as <c>apply_chat_template</c> of transformers does.</summary>
/// <remarks>All members are safe for concurrent calls. Rendering is pure, apart from a template that reads the clock.</remarks>
public sealed class ChatPromptRenderer
{
    private const string AlternationError = "Conversation roles must alternate";

    private readonly ChatTemplateSet _templates;
    private readonly Dictionary<string, object?> _specialTokens;
    private readonly TimeProvider _clock;

    /// <summary>Creates a renderer.</summary>
    /// <param name="templates">The templates of the checkpoint.</param>
    /// <param name="specialTokens">Special tokens by the name of their variable, for example <c>bos_token</c>.</param>
    /// <param name="clock">What templates with a date read; the system's clock by default. Fix it to make prompts repeatable.</param>
    public ChatPromptRenderer(ChatTemplateSet templates, IReadOnlyDictionary<string, string> specialTokens, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(templates);
        ArgumentNullException.ThrowIfNull(specialTokens);
        _templates = templates;
        _specialTokens = specialTokens.ToDictionary(t => t.Key, t => (object?)t.Value);
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="messages">The messages in their order.</param>
    /// <param name="options">Settings; the defaults if null.</param>
    /// <returns>The prompt, with special tokens as text.</returns>
    /// <exception cref="ChatTemplateException">The template failed or refuses these messages.</exception>
    /// <exception cref="CheckpointException">The checkpoint has no template of the wanted name.</exception>
    /// <exception cref="PromptException">A message is null, or the final message cannot be continued.</exception>
    /// <exception cref="InvalidOptionException">Settings contradict each other, or a value has a type that templates cannot hold.</exception>
    public string Render(IReadOnlyList<PromptMessage> messages, ChatPromptOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Contains(null!))
            throw new PromptException("A message of the conversation is null. Leave it out.");
        options ??= new ChatPromptOptions();
        if (options is { ContinueFinalMessage: true, AddGenerationPrompt: true })
            throw new InvalidOptionException(
                nameof(options.ContinueFinalMessage),
                "a prompt ends either inside the last message or with a new turn: set AddGenerationPrompt to false.");
        ChatTemplate template = _templates.Get(options.TemplateName, options.Tools is not null);
        try
        {
            return RenderOnce(template, messages, options);
        }
        catch (ChatTemplateException error) when (
            options.MergeSystemMessage
            && error.Reason.Contains(AlternationError, StringComparison.Ordinal)
            && messages.Any(SystemMessages.IsSystem))
        {
            return RenderOnce(template, SystemMessages.Merge(messages), options);
        }
    }

    private string RenderOnce(ChatTemplate template, IReadOnlyList<PromptMessage> messages, ChatPromptOptions options)
    {
        if (!options.ContinueFinalMessage)
            return template.Render(Variables(messages, options), _clock);
        (IReadOnlyList<PromptMessage> marked, string finalText) = Continuation.Mark(messages);
        return Continuation.Cut(template.Render(Variables(marked, options), _clock), finalText);
    }

    private Dictionary<string, object?> Variables(IReadOnlyList<PromptMessage> messages, ChatPromptOptions options)
    {
        var variables = new Dictionary<string, object?>(_specialTokens);
        if (options.EnableThinking is { } thinking)
            variables["enable_thinking"] = thinking;
        foreach ((string name, object? value) in options.Variables)
            variables[name] = value;
        variables["messages"] = messages.Select(Fields).ToList();
        variables["tools"] = options.Tools;
        variables["documents"] = options.Documents;
        variables["add_generation_prompt"] = options.AddGenerationPrompt;
        return variables;
    }

    private static List<KeyValuePair<string, object?>> Fields(PromptMessage message)
    {
        var fields = new List<KeyValuePair<string, object?>> { new("role", message.Role) };
        if (message.HasContent)
            fields.Add(new("content", message.Content));
        fields.AddRange(message.Fields);
        return fields;
    }
}
