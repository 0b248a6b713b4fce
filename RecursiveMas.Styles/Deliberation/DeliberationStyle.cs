using RecursiveMas.Definitions;

namespace RecursiveMas.Deliberation;

/// <summary>Deliberation: a reflector and a tool-caller who may use tools while it writes. Source: arXiv 2604.25917 and its released code.</summary>
internal static class DeliberationStyle
{
    public static StyleDefinition Released { get; } = new()
    {
        Name = "deliberation",
        Description = "A reflector and a tool-caller (Qwen3.5 4B both) who pass signals to and fro.",
        Graph = new MasGraph(
            [["reflector"], ["toolcaller"]],
            [new MasEdge("outer_rt", "reflector", "toolcaller", "reflector"), new MasEdge("outer_tr", "toolcaller", "reflector", "feedback")],
            writer: "toolcaller"),
        Repositories = ReleasedRepositories.OfAgents("deliberation"),
        LinkRepository = ReleasedRepositories.OfLinks("deliberation"),
        Prompts = PromptCatalogue.BuiltIn("deliberation"),
        Defaults = new StyleDefaults { MaxNewTokens = 4000 },
    };
}
