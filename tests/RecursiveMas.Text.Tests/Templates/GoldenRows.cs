using System.Text.Json;

namespace RecursiveMas.Text.Tests.Templates;

/// <summary>Rows of engine.jsonl and of the files that eng/templates/crosscheck.py writes.</summary>
internal static class GoldenRows
{
    /// <summary>How our result differs from the recorded one; null if it does not.</summary>
    public static string? Difference(string row)
    {
        using JsonDocument document = JsonDocument.Parse(row);
        JsonElement golden = document.RootElement;
        string label = $"{golden.GetProperty("id")} {golden.GetProperty("template")}";
        var clock = new FixedClock(golden.TryGetProperty("now", out JsonElement now) ? now.GetDateTime() : new DateTime(2024, 7, 26, 9, 5, 3));
        bool parsed = false;
        try
        {
            ChatTemplate template = ChatTemplate.Parse(golden.GetProperty("template").GetString()!);
            parsed = true;
            string actual = template.Render(TemplateJson.Variables(golden.GetProperty("variables")), clock);
            if (!golden.TryGetProperty("expected", out JsonElement expected))
                return $"{label}\n    expected {golden.GetProperty("error_type")}: {golden.GetProperty("error")}\n    got      {TemplateJson.Quote(actual)}";
            return actual == expected.GetString()
                ? null
                : $"{label}\n    expected {TemplateJson.Quote(expected.GetString()!)}\n    got      {TemplateJson.Quote(actual)}";
        }
        catch (ChatTemplateException error)
        {
            return ErrorDifference(golden, error, parsed) is { } difference ? $"{label}\n    {difference}" : null;
        }
    }

    private static string? ErrorDifference(JsonElement golden, ChatTemplateException error, bool parsed)
    {
        if (golden.TryGetProperty("expected", out JsonElement expected))
            return $"expected {TemplateJson.Quote(expected.GetString()!)}\n    got      {error.ErrorType}: {error.Message}";
        if ((golden.GetProperty("phase").GetString() == "compile") == parsed)
            return $"expected an error in phase {golden.GetProperty("phase")}, got {error.Message}";
        string type = golden.GetProperty("error_type").GetString()!;
        // Where Python runs out of numbers or memory, a limit of ours may strike first.
        if (type is "OverflowError" or "MemoryError" && error.Kind == ChatTemplateErrorKind.Limit)
            return null;
        if (error.ErrorType != type)
            return $"expected {type}: {golden.GetProperty("error")}, got {error.ErrorType}: {error.Message}";
        string message = golden.GetProperty("error").GetString()!;
        if (type == "TemplateError" && error.RaisedMessage != message)
            return $"expected the raised message {message}, got {error.RaisedMessage}";
        return error.Line > 0 || error.Kind == ChatTemplateErrorKind.Limit ? null : $"no line: {error.Message}";
    }
}
