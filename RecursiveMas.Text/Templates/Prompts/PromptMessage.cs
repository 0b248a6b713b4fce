namespace RecursiveMas;

/// <summary>One message of a conversation, as a chat template sees it.</summary>
public sealed record PromptMessage
{
    /// <summary>Creates a message with text.</summary>
    /// <param name="role">Who speaks, for example <c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
    /// <param name="content">
    /// Text, a list of parts such as <c>{"type": "text", "text": "..."}</c>, or null where a message has none (a tool call). Any value that
    /// <see cref="ChatTemplate.Render"/> takes.
    /// </param>
    public PromptMessage(string role, object? content)
    {
        ArgumentNullException.ThrowIfNull(role);
        Role = role;
        Content = content;
    }

    /// <summary>Who speaks.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Role { get; init => field = value ?? throw new ArgumentNullException(nameof(Role)); }

    /// <summary>Text, a list of parts, or null.</summary>
    public object? Content { get; init; }

    /// <summary>Whether <c>content</c> is passed to the template at all; messages with tool calls may leave it out.</summary>
    public bool HasContent { get; init; } = true;

    /// <summary>
    /// Everything else that the message carries, for example <c>tool_calls</c>, <c>tool_call_id</c>, <c>name</c> or <c>reasoning_content</c>.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyDictionary<string, object?> Fields
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Fields));
    } = new Dictionary<string, object?>();
}
