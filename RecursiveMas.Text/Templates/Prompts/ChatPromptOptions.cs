namespace RecursiveMas;

/// <summary>How a conversation is rendered. Every setting has the meaning that transformers gives it.</summary>
public sealed record ChatPromptOptions
{
    /// <summary>Ends the prompt with the header of the assistant's turn. True by default.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>The variable <c>enable_thinking</c>: false, true, or not passed at all if null, which many templates tell apart.</summary>
    public bool? EnableThinking { get; init; }

    /// <summary>Ends the prompt inside the last message, so that the model goes on with it. Needs <see cref="AddGenerationPrompt"/> false.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>
    /// Renders again with the system text in front of the first user message if the template raises its
    /// "Conversation roles must alternate" error. True by default.
    /// </summary>
    public bool MergeSystemMessage { get; init; } = true;

    /// <summary>JSON schemas of tools; null if there are none.</summary>
    public IReadOnlyList<object?>? Tools { get; init; }

    /// <summary>Documents for templates that take some; null if there are none.</summary>
    public IReadOnlyList<object?>? Documents { get; init; }

    /// <summary>Which of several named templates; null for the default, or the one named "tool_use" where there are tools.</summary>
    public string? TemplateName { get; init; }

    /// <summary>Further variables, for example <c>date_string</c>. They win over special tokens of the same name.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyDictionary<string, object?> Variables
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Variables));
    } = new Dictionary<string, object?>();
}
