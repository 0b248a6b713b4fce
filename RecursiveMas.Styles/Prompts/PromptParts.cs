namespace RecursiveMas.Prompts;

/// <summary>Which part a place stands for, and what parts may hold.</summary>
internal static class PromptParts
{
    public const string Choice = "choice";

    private static readonly string[] s_interfaces = ["interface.function", "interface.unnamed", "interface.program"];

    // Only parts of tasks hold further parts, so that filling a prompt always ends.
    private static readonly Dictionary<string, PromptPlace[]> s_allowed = new(StringComparer.Ordinal)
    {
        ["task"] = [PromptPlace.Question, PromptPlace.ChoiceQuestion, PromptPlace.Interface],
        ["role"] = [],
        ["interface"] = [],
        ["interface.function"] = [PromptPlace.Function],
        ["final"] = [],
        [Choice] = [],
    };

    /// <summary>Name of the part that a place stands for.</summary>
    public static string Name(PromptPlace place, string agent, MasQuestion question) => place switch
    {
        PromptPlace.Task => $"task.{PromptFile.Word(question.Kind)}",
        PromptPlace.Role => $"role.{agent}",
        PromptPlace.Interface => question.WholeProgram ? "interface.program" : question.FunctionName is null ? "interface.unnamed" : "interface.function",
        _ => question.Kind switch
        {
            TaskKind.Code => "final.code",
            TaskKind.Free => "final.free",
            TaskKind.Choice => "final.letter",
            _ => LetteredQuestion.Is(question.Text) ? "final.letter" : "final.box",
        },
    };

    /// <summary>Checks that a part is known and holds what such a part may hold.</summary>
    public static void Check(string name, PromptTemplate part, string file)
    {
        string group = name.Split('.')[0];
        if (!s_allowed.TryGetValue(name, out PromptPlace[]? allowed) && !s_allowed.TryGetValue(group, out allowed))
            throw new CheckpointException(file, $"has the unknown part '{name}'. Known: task.KIND, role.AGENT, {string.Join(", ", s_interfaces)}, final.box, " +
                $"final.letter, final.code, final.free, {Choice}.");
        foreach ((PromptPlace place, string text) in part.Pieces)
        {
            if (place != PromptPlace.Text && !allowed.Contains(place))
                throw new CheckpointException(file, $"part '{name}' has the place {PromptTemplate.Written(place, text)}, which it may not have. It may have: " +
                    $"{(allowed.Length == 0 ? "none" : string.Join(", ", allowed.Select(p => PromptTemplate.Written(p))))}.");
        }

        if (group == "task" && !part.HasQuestion)
            throw new CheckpointException(file, $"part '{name}' has no {{question}}.");
    }

    /// <summary>Parts that a prompt needs for an agent and a kind of question, those inside of parts included.</summary>
    public static IEnumerable<string> Needed(PromptTemplate template, string agent, TaskKind kind, IReadOnlyDictionary<string, PromptTemplate> parts)
    {
        foreach ((PromptPlace place, _) in template.Pieces)
        {
            string[] names = place switch
            {
                PromptPlace.Task => [$"task.{PromptFile.Word(kind)}"],
                PromptPlace.Role => [$"role.{agent}"],
                PromptPlace.Interface => s_interfaces,
                PromptPlace.ChoiceQuestion => [Choice],
                PromptPlace.Final => kind switch
                {
                    TaskKind.Code => ["final.code"],
                    TaskKind.Free => ["final.free"],
                    TaskKind.Choice => ["final.letter"],
                    _ => ["final.box", "final.letter"],
                },
                _ => [],
            };
            foreach (string name in names)
            {
                yield return name;
                if (place == PromptPlace.Task && parts.TryGetValue(name, out PromptTemplate? task))
                {
                    foreach (string inner in Needed(task, agent, kind, parts))
                        yield return inner;
                }
            }
        }
    }
}
