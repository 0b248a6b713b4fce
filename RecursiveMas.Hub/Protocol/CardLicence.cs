using System.Text.Json;

namespace RecursiveMas.Protocol;

/// <summary>The licence in what the hub tells of a repository: of the card's data, else of the tags.</summary>
internal static class CardLicence
{
    private const int Longest = 100;
    private const string Tag = "license:";

    public static string? Read(JsonElement repository)
    {
        try
        {
            JsonElement? card = JsonMember.Of(repository, "cardData");
            string? named = card is { } data ? Text(data, "license") : null;
            if (named == "other")
                named = Text(card!.Value, "license_name") ?? named;
            return Clean(named ?? Tagged(repository));
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: no name of a licence.
            return null;
        }
    }

    private static string? Tagged(JsonElement repository) => JsonMember.Of(repository, "tags") is { ValueKind: JsonValueKind.Array } tags
        ? tags
            .EnumerateArray()
            .Where(tag => tag.ValueKind == JsonValueKind.String)
            .Select(tag => tag.GetString()!)
            .FirstOrDefault(tag => tag.StartsWith(Tag, StringComparison.Ordinal))?[Tag.Length..]
        : null;

    /// <summary>A text, or a list of them joined.</summary>
    private static string? Text(JsonElement holder, string name) => JsonMember.Of(holder, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > 0 && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            string.Join(", ", list.EnumerateArray().Select(item => item.GetString())),
        _ => null,
    };

    /// <summary>What goes to a terminal has no control characters.</summary>
    private static string? Clean(string? text) =>
        string.IsNullOrWhiteSpace(text) || text.Length > Longest || text.Any(c => c is < ' ' or > '~') ? null : text.Trim();
}
