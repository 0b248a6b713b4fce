using Microsoft.Extensions.AI;

namespace RecursiveMas.Chat;

/// <summary>Reads a conversation: system messages are instructions, the last user message is the question, and what stands before it is history.</summary>
internal static class Conversation
{
    private const string BlankLine = "\n\n";

    /// <param name="messages">The conversation.</param>
    /// <param name="instructions">Further instructions, which come first; null for none.</param>
    /// <exception cref="PromptException">The conversation ends without a user message, or holds what agents cannot read.</exception>
    public static MasQuestion Read(IEnumerable<ChatMessage> messages, string? instructions)
    {
        var system = new List<string>();
        var turns = new List<MasTurn>();
        if (!string.IsNullOrEmpty(instructions))
            system.Add(instructions);
        int place = 0;
        foreach (ChatMessage message in messages)
        {
            string text = Text(message ?? throw new PromptException($"The message at place {place} is null. Leave it out."), place++);
            if (message.Role == ChatRole.System)
                system.Add(text);
            else
                Add(turns, new MasTurn(RoleOf(message, place - 1), text));
        }

        if (turns.Count == 0 || turns[^1].Role != MasTurnRole.User)
            throw new PromptException("The conversation does not end with a message of the user, so there is no question. Put it at the end.");
        return new MasQuestion(turns[^1].Text)
        {
            History = [.. turns.SkipLast(1)],
            Instructions = system.Count > 0 ? string.Join(BlankLine, system) : null,
        };
    }

    /// <summary>Adds a turn. Chat templates want roles in turn, so what one speaker says in several messages is one.</summary>
    private static void Add(List<MasTurn> turns, MasTurn turn)
    {
        if (turns.Count > 0 && turns[^1].Role == turn.Role)
            turns[^1] = turn with { Text = turns[^1].Text + BlankLine + turn.Text };
        else
            turns.Add(turn);
    }

    private static MasTurnRole RoleOf(ChatMessage message, int place) =>
        message.Role == ChatRole.User ? MasTurnRole.User
        : message.Role == ChatRole.Assistant ? MasTurnRole.Assistant
        : throw new PromptException($"The message at place {place} has the role '{message.Role}'. Agents read system, user and assistant.");

    private static string Text(ChatMessage message, int place) => string.Concat(message.Contents.Select(content => content switch
    {
        TextContent text => text.Text,
        // What was thought or counted for earlier answers is not part of what was said.
        TextReasoningContent or UsageContent => "",
        { } other => throw new PromptException($"The message at place {place} holds a {other.GetType().Name}. Agents read text only."),
        null => throw new PromptException($"The message at place {place} holds null. Leave it out."),
    }));
}
