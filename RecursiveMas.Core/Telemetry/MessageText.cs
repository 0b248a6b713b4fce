using System.Text.Json.Nodes;

namespace RecursiveMas.Telemetry;

/// <summary>Contents in the JSON form of the semantic conventions.</summary>
internal static class MessageText
{
    /// <summary>What was asked: earlier turns and the question.</summary>
    public static string Of(MasQuestion question) => Conversation(question.History, question.Text);

    /// <summary>What an agent read: earlier turns and the user turn, slots by their names.</summary>
    public static string Of(AgentPrompt prompt) => Conversation(prompt.History, string.Concat(prompt.User.Select(Shown)));

    /// <summary>What was written.</summary>
    public static string Of(string text, string? finish)
    {
        JsonObject message = Message("assistant", text);
        if (finish is not null)
            message["finish_reason"] = finish;
        return new JsonArray(message).ToJsonString();
    }

    /// <summary>A system turn.</summary>
    public static string OfInstructions(string text) => new JsonArray(Part(text)).ToJsonString();

    private static string Shown(PromptPart part) => part.Kind == PromptPartKind.Slot ? $"{{slot:{part.Value}}}" : part.Value;

    private static string Conversation(IEnumerable<MasTurn> history, string user) => new JsonArray(
    [
        .. history.Select(turn => (JsonNode?)Message(turn.Role == MasTurnRole.User ? "user" : "assistant", turn.Text)),
        Message("user", user),
    ]).ToJsonString();

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["parts"] = new JsonArray(Part(text)) };

    private static JsonObject Part(string text) => new() { ["type"] = "text", ["content"] = text };
}
