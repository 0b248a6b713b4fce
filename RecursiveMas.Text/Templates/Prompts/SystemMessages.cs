using System.Collections;
using System.Text.Json;

namespace RecursiveMas.Templates.Prompts;

/// <summary>Moves system text into the first user message, for templates that know no system role.</summary>
internal static class SystemMessages
{
    private const string BlankLine = "\n\n";

    public static bool IsSystem(PromptMessage message) => message.Role == "system";

    public static List<PromptMessage> Merge(IReadOnlyList<PromptMessage> messages)
    {
        string system = string.Join(BlankLine, messages.Where(IsSystem).Select(m => MessageContent.Text(m.Content)).Where(text => text.Length > 0));
        List<PromptMessage> rest = [.. messages.Where(m => !IsSystem(m))];
        if (system.Length == 0)
            return rest;
        int user = rest.FindIndex(m => m.Role == "user");
        if (user < 0)
            rest.Insert(0, new PromptMessage("user", system));
        else
            rest[user] = rest[user] with { Content = MessageContent.Prepend(rest[user].Content, system + BlankLine), HasContent = true };
        return rest;
    }
}

/// <summary>Message content is text, or a list of parts of which some hold text.</summary>
internal static class MessageContent
{
    /// <summary>The text of a content; the texts of its parts one after the other.</summary>
    public static string Text(object? content)
    {
        if (TryText(content) is { } text)
            return text;
        return content is null ? "" : string.Concat(Parts(content).Select(PartText));
    }

    public static object? Prepend(object? content, string text)
    {
        if (content is null || TryText(content) is not null)
            return text + TryText(content);
        return new List<object?> { TextPart(text) }.Concat(Parts(content)).ToList();
    }

    /// <summary>Appends to the text, or to the last part that holds text.</summary>
    /// <returns>The new content and the text before the change; null if there is no text.</returns>
    public static (object Content, string Before)? Append(object? content, string text)
    {
        if (TryText(content) is { } plain)
            return (plain + text, plain);
        List<object?> parts = content is null ? [] : [.. Parts(content)];
        int last = parts.FindLastIndex(p => TryPartText(p) is not null);
        if (last < 0)
            return null;
        string before = TryPartText(parts[last])!;
        parts[last] = PartFields(parts[last]!).Select(f => f.Key == "text" ? new(f.Key, before + text) : f).ToList();
        return (parts, before);
    }

    private static string? TryText(object? content) => content switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString(),
        _ => null,
    };

    private static IEnumerable<object?> Parts(object content) => content switch
    {
        JsonElement { ValueKind: JsonValueKind.Array } element => element.EnumerateArray().Select(e => (object?)e),
        IDictionary or JsonElement => [],
        IEnumerable items => items.Cast<object?>(),
        _ => [],
    };

    private static string PartText(object? part) => TryPartText(part) ?? "";

    private static string? TryPartText(object? part) => part is null ? null : TryText(PartFields(part).FirstOrDefault(f => f.Key == "text").Value);

    private static IEnumerable<KeyValuePair<string, object?>> PartFields(object part) => part switch
    {
        JsonElement { ValueKind: JsonValueKind.Object } element => element.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, (object?)p.Value)),
        IEnumerable<KeyValuePair<string, object?>> fields => fields,
        IEnumerable<KeyValuePair<string, string>> texts => texts.Select(t => KeyValuePair.Create(t.Key, (object?)t.Value)),
        _ => [],
    };

    private static List<KeyValuePair<string, object?>> TextPart(string text) => [new("type", "text"), new("text", text)];
}
