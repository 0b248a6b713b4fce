using System.Text.Json;

namespace RecursiveMas.Conformance.Mas;

/// <summary>The prompts of the golden folder, built from their templates as the reference implementation built them.</summary>
internal sealed class TemplatePrompts : IPromptSource
{
    private readonly Dictionary<string, string> _templates;
    private readonly string _system;

    public TemplatePrompts(string style, string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = document.RootElement;
        _templates = root.GetProperty("user").EnumerateObject().ToDictionary(item => item.Name, item => item.Value.GetString()!);
        _system = root.GetProperty(style == "deliberation" ? "deliberation_system" : "system").GetString()!;
    }

    public AgentPrompt GetPrompt(string agent, int round, MasQuestion question)
    {
        string task = question.Kind == TaskKind.Code
            ? $"Task: {(question.WholeProgram ? "complete" : "function")}, name: {question.FunctionName ?? "none"}.\n"
            : "";
        string text = _templates[Key(agent, round)]
            .Replace("{role}", $"hie_{agent}_expert", StringComparison.Ordinal)
            .Replace("{task}", task, StringComparison.Ordinal);
        var parts = new List<PromptPart>();
        foreach (string piece in text.Split(">>"))
        {
            string[] around = piece.Split("<<");
            string[] words = around[0].Split("{question}");
            parts.Add(PromptPart.Text(words[0]));
            if (words.Length > 1)
                parts.AddRange([PromptPart.Given(question.Text), PromptPart.Text(words[1])]);
            if (around.Length > 1)
                parts.Add(PromptPart.Slot(MasRoles.Slot($"<<{around[1]}>>")));
        }

        return new AgentPrompt(_system, [.. parts.Where(part => part.Value.Length > 0)]);
    }

    private static string Key(string agent, int round) => (agent, round) switch
    {
        ("planner", > 1) => "planner_feedback",
        ("math" or "code" or "science", 1) => "expert",
        ("math" or "code" or "science", _) => "expert_feedback",
        ("expert", 1) => "distill_expert",
        ("expert", _) => "distill_expert_feedback",
        ("reflector", > 1) => "reflector_feedback",
        _ => agent,
    };
}
