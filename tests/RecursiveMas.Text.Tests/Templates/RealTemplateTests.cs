using System.Security.Cryptography;
using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Templates;

/// <summary>Conversations rendered with published templates. A template that is not at hand is reported as not run.</summary>
public class RealTemplateTests
{
    public static IEnumerable<TheoryDataRow<string>> Keys() => Goldens.Rows(RealTemplates.Keys(), "chat-templates/real.json");

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_conversation_is_rendered_as_recorded(string key)
    {
        using JsonDocument document = RealTemplates.Open();
        JsonElement golden = RealTemplates.Find(document, key);
        ChatPromptRenderer renderer = RealTemplates.Renderer(golden);
        string[] wrong = [.. document.RootElement.GetProperty("conversations").EnumerateArray()
            .Where(c => golden.GetProperty("cases").TryGetProperty(c.GetProperty("id").GetString()!, out _))
            .Select(c => Difference(renderer, c, golden.GetProperty("cases").GetProperty(c.GetProperty("id").GetString()!)))
            .OfType<string>()];
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }

    private static string? Difference(ChatPromptRenderer renderer, JsonElement conversation, JsonElement expected)
    {
        string id = conversation.GetProperty("id").GetString()!;
        bool fails = expected.ValueKind == JsonValueKind.Object;
        try
        {
            string actual = RealTemplates.Render(renderer, conversation);
            if (fails)
                return $"{id}: expected {expected}, got {TemplateJson.Quote(actual)}";
            return actual == expected.GetString()
                ? null
                : $"{id}:\n    expected {TemplateJson.Quote(expected.GetString()!)}\n    got      {TemplateJson.Quote(actual)}";
        }
        catch (ChatTemplateException error)
        {
            bool sameType = fails && expected.GetProperty("error_type").GetString() == error.ErrorType;
            bool sameMessage = error.RaisedMessage is null || fails && expected.GetProperty("error").GetString() == error.RaisedMessage;
            return sameType && sameMessage ? null : $"{id}: expected {expected}, got {error.ErrorType}: {error.Message}";
        }
        catch (PromptException error)
        {
            return fails && expected.GetProperty("error_type").GetString() == "ValueError" ? null : $"{id}: expected {expected}, got {error.Message}";
        }
    }
}

/// <summary>The published templates of the goldens, wherever they are.</summary>
internal static class RealTemplates
{
    private static string File => Goldens.Folder("chat-templates", "real.json");

    public static IReadOnlyCollection<string> Keys()
    {
        if (Goldens.TryFolder("chat-templates") is not { } folder || !System.IO.File.Exists(Path.Combine(folder, "real.json")))
            return [];
        using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(folder, "real.json")));
        return [.. document.RootElement.GetProperty("templates").EnumerateArray().Select(t => t.GetProperty("key").GetString()!)];
    }

    public static JsonDocument Open() => JsonDocument.Parse(System.IO.File.ReadAllText(File));

    public static JsonElement Find(JsonDocument document, string key) =>
        document.RootElement.GetProperty("templates").EnumerateArray().Single(t => t.GetProperty("key").GetString() == key);

    /// <summary>A renderer with the template of this hash; the running test is reported as not run if none is at hand.</summary>
    public static ChatPromptRenderer Renderer(JsonElement golden)
    {
        Dictionary<string, string> tokens = golden.GetProperty("special_tokens").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
        ChatTemplate template = ChatTemplate.Parse(Source(golden), golden.GetProperty("key").GetString()!);
        return new ChatPromptRenderer(ChatTemplateSet.FromTemplate(template), tokens, new FixedClock(new DateTime(2024, 7, 26, 9, 5, 3)));
    }

    public static string Source(JsonElement golden)
    {
        string key = golden.GetProperty("key").GetString()!;
        string sha = golden.GetProperty("sha256").GetString()!;
        string[] folders = [Path.Combine(Path.GetDirectoryName(File)!, "templates"), Path.Combine(Goldens.RepositoryRoot, "artifacts", "templates")];
        byte[]? bytes = folders.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.jinja"))
            .Select(System.IO.File.ReadAllBytes)
            .FirstOrDefault(b => Convert.ToHexStringLower(SHA256.HashData(b)) == sha);
        Assert.SkipWhen(bytes is null, $"The template of {key} is not at hand; node eng/templates/fetch.mjs brings those that npm packages have.");
        return System.Text.Encoding.UTF8.GetString(bytes!);
    }

    public static string Render(ChatPromptRenderer renderer, JsonElement conversation)
    {
        JsonElement settings = conversation.GetProperty("kwargs");
        JsonElement tools = conversation.GetProperty("tools");
        bool Flag(string name) => settings.TryGetProperty(name, out JsonElement value) && value.GetBoolean();
        return renderer.Render(
            [.. conversation.GetProperty("messages").EnumerateArray().Select(TemplateJson.Message)],
            new ChatPromptOptions
            {
                AddGenerationPrompt = Flag("add_generation_prompt"),
                ContinueFinalMessage = Flag("continue_final_message"),
                MergeSystemMessage = false,
                Tools = tools.ValueKind == JsonValueKind.Array ? [.. tools.EnumerateArray().Select(t => (object?)t)] : null,
                Variables = settings.EnumerateObject()
                    .Where(p => p.Name is not ("add_generation_prompt" or "continue_final_message"))
                    .ToDictionary(p => p.Name, p => (object?)p.Value),
            });
    }
}
