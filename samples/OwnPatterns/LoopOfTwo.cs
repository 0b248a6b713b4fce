namespace RecursiveMas.OwnPatterns;

/// <summary>Two agents in a loop: a writer drafts, a critic thinks about the draft, the writer writes after the last round.</summary>
internal static class LoopOfTwo
{
    public static StyleDefinition Definition { get; } = new()
    {
        Name = "loop_of_two",
        Description = "A critic and a writer who think about each other's thoughts.",
        Graph = new MasGraph(
            [["critic"], ["writer"]],
            [new MasEdge("critic_writer", "critic", "writer", "criticism"), new MasEdge("writer_critic", "writer", "critic", "draft")],
            writer: "writer"),
        Repositories = new Dictionary<string, string> { ["critic"] = "Critic", ["writer"] = "Writer" },
        LinkRepository = "Links",
        Prompts = PromptCatalogue.Load(Path.Combine(AppContext.BaseDirectory, "loop-of-two.prompts.json")),
    };
}
