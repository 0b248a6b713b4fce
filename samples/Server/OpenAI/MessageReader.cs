using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RecursiveMas.Server.OpenAI;

/// <summary>Reads the messages of a conversation.</summary>
internal static class MessageReader
{
    /// <exception cref="ApiException">A message holds what agents cannot read.</exception>
    public static IReadOnlyList<ChatMessage> Read(Parameter messages)
    {
        ChatMessage[] all = [.. messages.Elements().Select(One)];
        return all.Length > 0 ? all : throw messages.Wrong("a list of at least one message");
    }

    private static ChatMessage One(Parameter message)
    {
        ChatRole? role = null;
        string? text = null;
        foreach (Parameter member in message.Members())
        {
            string name = member.Name[(message.Name.Length + 1)..];
            if (name == "role")
                role = RoleOf(member);
            else if (name == "content")
                text = Content(member);
            else if (name is not ("annotations" or "tool_calls") || !member.IsEmpty)
                throw ApiException.BadRequest("unsupported_parameter", $"The parameter '{member.Name}' is not supported. Leave it out.", member.Name);
        }

        return new ChatMessage(
            role ?? throw Missing(message, "role"),
            text ?? throw Missing(message, "content"));
    }

    private static ApiException Missing(Parameter message, string member) => ApiException.BadRequest(
        "missing_required_parameter", $"The parameter '{message.Name}.{member}' is missing.", $"{message.Name}.{member}");

    private static ChatRole RoleOf(Parameter role) => role.Text() switch
    {
        "system" or "developer" => ChatRole.System,
        "user" => ChatRole.User,
        "assistant" => ChatRole.Assistant,
        _ => throw role.Wrong("system, developer, user or assistant"),
    };

    private static string Content(Parameter content) => content.Value.ValueKind == JsonValueKind.String
        ? content.Text()
        : string.Concat(content.Elements().Select(part =>
            part.Members().FirstOrDefault(member => member.Is($"{part.Name}.type")) is { Name: not null } type && type.IsText("text")
                ? new Parameter($"{part.Name}.text", part.Value.TryGetProperty("text", out JsonElement text) ? text : default).Text()
                : throw ApiException.BadRequest("unsupported_value", $"The part '{part.Name}' is not text. Agents read text only.", part.Name)));
}
