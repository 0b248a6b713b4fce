namespace RecursiveMas.DataSets.Sets;

/// <summary>Who shuffles a data set.</summary>
internal enum SetShuffle
{
    /// <summary>Python's own generator.</summary>
    Python,

    /// <summary>The data-set library, by numpy's.</summary>
    Numpy,
}

/// <summary>A data set that has a short name.</summary>
/// <param name="Name">The short name.</param>
/// <param name="Repository">Its repository of the hub; null for the one that is a file.</param>
/// <param name="Split">The split that is used.</param>
/// <param name="Reader">How its rows become questions.</param>
internal sealed record PublishedSet(string Name, string? Repository, string Split, ISetReader Reader)
{
    private static readonly string[] s_problem = ["problem", "question"], s_answer = ["answer"], s_id = ["id", "ID", "problem_idx", "unique_id"];
    private static readonly string[] s_pair = ["question", "Question"], s_pairAnswer = ["answer", "Answer"];

    /// <summary>Other names, lower case.</summary>
    public string[] Aliases { get; init; } = [];

    /// <summary>The configuration that is used; null if there is one only.</summary>
    public string? Configuration { get; init; }

    /// <summary>The files, where neither card nor names tell; null to find out.</summary>
    public string[]? Files { get; init; }

    public SetShuffle Shuffle { get; init; } = SetShuffle.Numpy;

    public static IReadOnlyList<PublishedSet> All { get; } =
    [
        new("math500", "HuggingFaceH4/MATH-500", "test", new PlainSet(AnswerComparison.Mathematics, s_problem, s_answer, s_id)) { Aliases = ["math-500"] },
        new("gpqa", "Idavidrein/gpqa", "train", new GpqaSet())
        {
            Aliases = ["gpqa_diamond", "idavidrein/gpqa:gpqa_diamond", "idavidrein/gpqa_diamond"],
            Configuration = "gpqa_diamond",
            Files = ["gpqa_diamond.csv"],
        },
        new("medqa", null, "train", new MedqaSet())
        {
            Aliases = ["local/medqa", "dataset/medqa.json", "./dataset/medqa.json"],
            Shuffle = SetShuffle.Python,
        },
        new("mbppplus", "evalplus/mbppplus", "test", new MbppSet()) { Aliases = ["mbpp+"], Shuffle = SetShuffle.Python },
        new("gsm8k", "openai/gsm8k", "test", new PlainSet(AnswerComparison.WordProblem, ["question"], s_answer, [])) { Configuration = "main" },
        new("aime24", "HuggingFaceH4/aime_2024", "train", new PlainSet(AnswerComparison.Mathematics, s_problem, s_answer, s_id)) { Aliases = ["aime_2024"] },
        new("aime25", "math-ai/aime25", "test", new PlainSet(AnswerComparison.Mathematics, s_problem, s_answer, s_id)) { Aliases = ["aime_2025"] },
        new("aime26", "MathArena/aime_2026", "train", new PlainSet(AnswerComparison.Mathematics, s_problem, s_answer, s_id)),
        new("livecodebench", "livecodebench/code_generation_lite", "test", new LiveCodeBenchSet())
        {
            Aliases = ["lcb", "livecodebench_v6", "livecodebench/code_generation_lite:release_v6"],
            Configuration = "release_v6",
            Files = ["test.jsonl", "test2.jsonl", "test3.jsonl", "test4.jsonl", "test5.jsonl", "test6.jsonl"],
            Shuffle = SetShuffle.Python,
        },
        new("bamboogle", "chiayewken/bamboogle", "test", new PlainSet(AnswerComparison.Text, s_pair, s_pairAnswer, ["id"])),
        new("hotpotqa", "hotpotqa/hotpot_qa", "validation", new PlainSet(AnswerComparison.Text, ["question"], s_answer, ["id"]))
        {
            Aliases = ["hotpot_qa"],
            Configuration = "distractor",
        },
    ];

    /// <summary>Finds a data set by any of its names, whatever their case.</summary>
    public static PublishedSet? Find(string name) =>
        All.FirstOrDefault(set => Is(set.Name, name) || (set.Repository is { } id && Is(id, name)) || set.Aliases.Any(alias => Is(alias, name)));

    /// <summary>Any other data set of the hub.</summary>
    public static PublishedSet Other(string repository, string split) =>
        new(repository, repository, split, new PlainSet(AnswerComparison.Text, ["question", "problem"], s_answer, []));

    private static bool Is(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
