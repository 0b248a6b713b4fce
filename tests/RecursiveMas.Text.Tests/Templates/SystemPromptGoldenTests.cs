using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Templates;

/// <summary>Prompts of the golden systems, rendered with the template of each agent's checkpoint folder.</summary>
public class SystemPromptGoldenTests
{
    // Part of the stage's name, and of the folder of the agent that runs it.
    private static readonly (string Stage, string Folder)[] Agents =
    [
        ("planner", "Planner"), ("refiner", "Critic"), ("solver", "Solver"), ("hie_math", "Math"), ("hie_code", "Code"), ("hie_science", "Science"),
        ("hie_summarizer", "Summarizer"), ("distill_expert", "Expert"), ("distill_learner", "Learner"), ("reflector", "Reflector"),
        ("toolcaller", "Toolcaller"),
    ];

    public static IEnumerable<TheoryDataRow<string>> Styles() =>
        Goldens.Subfolders("mas", folder => Directory.Exists(Path.Combine(folder, "cases")));

    [Theory]
    [MemberData(nameof(Styles))]
    public void Prompts_of_every_case_are_rendered_as_recorded(string style)
    {
        string folder = Goldens.Folder("mas", style);
        string commonSystem = JsonDocument.Parse(File.ReadAllText(Goldens.Folder("mas", "prompts.json"))).RootElement.GetProperty("system").GetString()!;
        int compared = 0;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(folder, "cases"), "*.json"))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            foreach (JsonElement item in document.RootElement.GetProperty("events").EnumerateArray())
            {
                if (!item.TryGetProperty("rendered", out JsonElement rendered))
                    continue;
                string stage = item.GetProperty("agent").GetString()!;
                string system = item.TryGetProperty("system", out JsonElement own) ? own.GetString()! : commonSystem;
                string actual = Renderer(AgentFolder(folder, stage)).Render(
                    [new("system", system), new("user", item.GetProperty("user").GetString())],
                    new ChatPromptOptions { EnableThinking = false });
                Assert.Equal(rendered.GetString(), actual);
                compared++;
            }
        }

        Assert.True(compared > 0, $"No rendered prompt under {folder}.");
    }

    private static ChatPromptRenderer Renderer(string folder)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer_config.json")));
        Dictionary<string, string> tokens = config.RootElement.EnumerateObject()
            .Where(p => p.Name.EndsWith("_token", StringComparison.Ordinal) && p.Value.ValueKind == JsonValueKind.String)
            .ToDictionary(p => p.Name, p => p.Value.GetString()!);
        return new ChatPromptRenderer(ChatTemplateSet.Load(CheckpointFolder.FromDirectory(folder)), tokens);
    }

    private static string AgentFolder(string style, string stage)
    {
        string part = Agents.First(a => stage.Contains(a.Stage, StringComparison.Ordinal)).Folder;
        return Directory.EnumerateDirectories(style).Single(d => Path.GetFileName(d).Split('-').Contains(part));
    }
}
