using System.Text.Json.Nodes;

namespace RecursiveMas.Telemetry;

/// <summary>Contents in the JSON form of the semantic conventions.</summary>
internal static class MessageText
{
    /// <summary>What was asked: earlier turns and the question.</summary>
    public static string Of(MasQuestion question) => new JsonArray(
        [.. question.History.Select(turn => (JsonNode?)Message(Role(turn), turn.Text)), Message("user", question.Text)]).ToJsonString();

    /// <summary>What an agent read: earlier turns and the user turn, slots by their names.</summary>
    public static string Of(AgentPrompt prompt) => new JsonArray(
        [.. prompt.History.Select(turn => (JsonNode?)Message(Role(turn), turn.Text)), Message("user", string.Concat(prompt.User.Select(Shown)))]).ToJsonString();

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

    private static string Role(MasTurn turn) => turn.Role == MasTurnRole.User ? "user" : "assistant";

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["parts"] = new JsonArray(Part(text)) };

    private static JsonObject Part(string text) => new() { ["type"] = "text", ["content"] = text };
}
