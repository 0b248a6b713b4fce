using System.Text.Json;

namespace RecursiveMas.Text.Tests.Templates;

internal static class TemplateJson
{
    public static Dictionary<string, object?> Variables(JsonElement variables) =>
        variables.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value);

    public static string Quote(string text) => JsonSerializer.Serialize(text);

    /// <summary>A message as the goldens write it: role, content and whatever else.</summary>
    public static PromptMessage Message(JsonElement message)
    {
        bool hasContent = message.TryGetProperty("content", out JsonElement content);
        return new PromptMessage(message.GetProperty("role").GetString()!, hasContent ? content : null)
        {
            HasContent = hasContent,
            Fields = message.EnumerateObject().Where(p => p.Name is not ("role" or "content")).ToDictionary(p => p.Name, p => (object?)p.Value),
        };
    }
}

/// <summary>A clock that stands still, in a time zone without offset.</summary>
internal sealed class FixedClock(DateTime time) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => new(time, TimeSpan.Zero);
}
