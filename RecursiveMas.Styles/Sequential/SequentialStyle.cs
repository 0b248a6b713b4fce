using RecursiveMas.Definitions;

namespace RecursiveMas.Sequential;

/// <summary>Sequential: planner → critic → solver → planner. Source: arXiv 2604.25917 and its released code.</summary>
internal static class SequentialStyle
{
    private static readonly MasGraph s_graph = new(
        [["planner"], ["critic"], ["solver"]],
        [
            new MasEdge("outer_12", "planner", "critic", "plan") { Hop = HopDtype.SenderEmbedding },
            new MasEdge("outer_23", "critic", "solver", "refined") { Hop = HopDtype.SenderEmbedding },
            new MasEdge("outer_31", "solver", "planner", "feedback") { Hop = HopDtype.Float32 },
        ],
        writer: "solver");

    public static StyleDefinition Light { get; } = new()
    {
        Name = "sequential_light",
        Description = "Planner (Qwen3 1.7B), critic (Llama 3.2 1B) and solver (Qwen2.5-Math 1.5B) in a chain that feeds back.",
        Graph = s_graph,
        Repositories = ReleasedRepositories.OfAgents("sequential_light"),
        LinkRepository = ReleasedRepositories.OfLinks("sequential_light"),
        LinksByTask = ReleasedRepositories.HasLinksByTask("sequential_light"),
        Prompts = PromptCatalogue.BuiltIn("sequential"),
        ReferencePrompts = prompts => new ReferencePlannerPrompts(prompts),
    };

    public static StyleDefinition Scaled { get; } = new()
    {
        Name = "sequential_scaled",
        Description = "Planner (Gemma 3 4B), critic (Llama 3.2 3B) and solver (Qwen3.5 4B) in a chain that feeds back.",
        Graph = s_graph,
        Repositories = ReleasedRepositories.OfAgents("sequential_scaled"),
        LinkRepository = ReleasedRepositories.OfLinks("sequential_scaled"),
        LinksByTask = ReleasedRepositories.HasLinksByTask("sequential_scaled"),
        Prompts = PromptCatalogue.BuiltIn("sequential"),
        ReferencePrompts = prompts => new ReferencePlannerPrompts(prompts),
        Defaults = new StyleDefaults { MaxNewTokens = 4000 },
    };

    public static StyleDefinition Tiny { get; } = new()
    {
        Name = "sequential_tiny",
        Description = "Three tiny models that follow a ledger of up to nine months: \"Mia has 19 coins. January gets 1. February loses 2. How many coins?\" " +
                      "Each round carries it three months further. They know the names, things and months of the samples, the operations gets, " +
                      "loses and times, and amounts up to 20.",
        Graph = s_graph,
        Repositories = Roles("Sequential-Tiny-Planner-Qwen3", "Sequential-Tiny-Critic-Llama", "Sequential-Tiny-Solver-Qwen2"),
        LinkRepository = "Sequential-Tiny-Outerlinks",
        LinksByTask = true,
        Prompts = PromptCatalogue.BuiltIn("sequential-tiny"),
        Defaults = new StyleDefaults
        {
            Rounds = 3,
            LatentSteps = 5,
            MaxNewTokens = 14,
            Sampling = new SamplingOptions { DoSample = false },
            Dtype = ModelDtype.Float32,
        },
    };

    private static Dictionary<string, string> Roles(string planner, string critic, string solver) =>
        new(StringComparer.Ordinal) { ["planner"] = planner, ["critic"] = critic, ["solver"] = solver };
}
