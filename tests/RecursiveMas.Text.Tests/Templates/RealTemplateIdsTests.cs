using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Templates;

/// <summary>Token ids of rendered conversations, with the published template and tokenizer of each model.</summary>
public class RealTemplateIdsTests
{
    public static IEnumerable<TheoryDataRow<string>> Keys()
    {
        string file = Path.Combine(Goldens.TryFolder("chat-templates") ?? "", "real_ids.json");
        string[] keys = File.Exists(file) ? [.. JsonDocument.Parse(File.ReadAllText(file)).RootElement.EnumerateObject().Select(p => p.Name)] : [];
        return Goldens.Rows(keys, "chat-templates/real_ids.json");
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_conversation_has_the_recorded_ids(string key)
    {
        string folder = Path.Combine(Goldens.RepositoryRoot, "artifacts", "tokenizers", key);
        Assert.SkipUnless(Directory.Exists(folder), $"The tokenizer of {key} is not at hand; node eng/tokenizers/fetch.mjs brings it.");
        using JsonDocument real = RealTemplates.Open();
        using JsonDocument ids = JsonDocument.Parse(File.ReadAllText(Goldens.Folder("chat-templates", "real_ids.json")));
        ChatPromptRenderer renderer = RealTemplates.Renderer(RealTemplates.Find(real, key));
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder);
        foreach (JsonProperty expected in Goldens.NotEmpty(ids.RootElement.GetProperty(key).EnumerateObject(), "chat-templates/real_ids.json"))
        {
            JsonElement conversation = real.RootElement
                .GetProperty("conversations")
                .EnumerateArray()
                .Single(c => c.GetProperty("id").GetString() == expected.Name);
            int[] actual = tokenizer.Encode(RealTemplates.Render(renderer, conversation), addSpecialTokens: false);
            Assert.Equal(expected.Value.EnumerateArray().Select(id => id.GetInt32()), actual);
        }
    }
}
