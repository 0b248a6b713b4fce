using RecursiveMas.Definitions;

namespace RecursiveMas.Mixture;

/// <summary>Mixture: three experts, blind to each other → summarizer → the experts again. Source: arXiv 2604.25917 and its released code.</summary>
internal static class MixtureStyle
{
    private static readonly MasGraph s_graph = new(
        [["math", "code", "science"], ["summarizer"]],
        [
            new MasEdge("outer_1s", "math", "summarizer", "math"),
            new MasEdge("outer_2s", "code", "summarizer", "code"),
            new MasEdge("outer_3s", "science", "summarizer", "science"),
            new MasEdge("outer_s1", "summarizer", "math", "feedback"),
            new MasEdge("outer_s2", "summarizer", "code", "feedback"),
            new MasEdge("outer_s3", "summarizer", "science", "feedback"),
        ],
        writer: "summarizer");

    public static StyleDefinition Released { get; } = new()
    {
        Name = "mixture",
        Description = "Three experts, for mathematics (DeepSeek-R1-Distill-Qwen 1.5B), code (Qwen2.5-Coder 3B) and science (BioMistral 7B), " +
            "and a summarizer (Qwen3.5 2B).",
        Graph = s_graph,
        Repositories = ReleasedRepositories.OfAgents("mixture"),
        LinkRepository = ReleasedRepositories.OfLinks("mixture"),
        Prompts = PromptCatalogue.BuiltIn("mixture"),
        Defaults = new StyleDefaults { MaxNewTokens = 4000 },
    };

    public static StyleDefinition Tiny { get; } = new()
    {
        Name = "mixture_tiny",
        Description = "Three tiny specialists, each of whom knows one relation of 24 people (friend, boss or neighbour), and a summarizer who knows none: " +
            "\"Who is Mia's friend's boss?\" " +
                      "Each round follows one more relation.",
        Graph = s_graph,
        Repositories = Roles("Mixture-Tiny-Math-Qwen2", "Mixture-Tiny-Code-Llama", "Mixture-Tiny-Science-Mistral", "Mixture-Tiny-Summarizer-Qwen3"),
        LinkRepository = "Mixture-Tiny-Outerlinks",
        Prompts = PromptCatalogue.BuiltIn("mixture-tiny"),
        Defaults = new StyleDefaults
        {
            Rounds = 4,
            LatentSteps = 4,
            MaxNewTokens = 12,
            Sampling = new SamplingOptions { DoSample = false },
            Dtype = ModelDtype.Float32,
        },
    };

    private static Dictionary<string, string> Roles(string math, string code, string science, string summarizer) =>
        new(StringComparer.Ordinal) { ["math"] = math, ["code"] = code, ["science"] = science, ["summarizer"] = summarizer };
}
