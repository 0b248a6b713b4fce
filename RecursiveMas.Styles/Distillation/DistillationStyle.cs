using RecursiveMas.Definitions;

namespace RecursiveMas.Distillation;

/// <summary>Distillation: a large expert plans, a small learner carries out and feeds back. Source: arXiv 2604.25917 and its released code.</summary>
internal static class DistillationStyle
{
    public static StyleDefinition Released { get; } = new()
    {
        Name = "distillation",
        Description = "An expert (Qwen3.5 9B) who plans and a learner (Qwen3.5 4B) who carries the plan out.",
        Graph = new MasGraph(
            [["expert"], ["learner"]],
            [new MasEdge("outer_el", "expert", "learner", "plan"), new MasEdge("outer_le", "learner", "expert", "feedback")],
            writer: "learner"),
        Repositories = ReleasedRepositories.OfAgents("distillation"),
        LinkRepository = ReleasedRepositories.OfLinks("distillation"),
        LinksByTask = ReleasedRepositories.HasLinksByTask("distillation"),
        Prompts = PromptCatalogue.BuiltIn("distillation"),
        Defaults = new StyleDefaults { MaxNewTokens = 4000 },
    };
}
