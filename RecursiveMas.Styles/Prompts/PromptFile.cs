namespace RecursiveMas.Prompts;

/// <summary>Which rounds a prompt is for.</summary>
internal enum PromptRounds
{
    Every,
    First,
    Later,
}

/// <summary>One prompt of a catalogue.</summary>
/// <param name="Agents">Agents that use it.</param>
/// <param name="Kinds">Kinds of question that it is for.</param>
/// <param name="Rounds">Rounds that it is for.</param>
/// <param name="System">Text of the system turn; null for none.</param>
/// <param name="User">The user turn.</param>
internal sealed record PromptEntry(IReadOnlyList<string> Agents, IReadOnlyList<TaskKind> Kinds, PromptRounds Rounds, string? System, PromptTemplate User)
{
    public bool Fits(string agent, TaskKind kind, int round) =>
        Agents.Contains(agent) && Kinds.Contains(kind)
        && (Rounds == PromptRounds.Every || (Rounds == PromptRounds.First) == (round == 1));
}

/// <summary>A catalogue as read.</summary>
/// <param name="File">The file, for messages.</param>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Parts">Wording that several prompts share, by name.</param>
/// <param name="Entries">The prompts.</param>
internal sealed record PromptFile(string File, string Name, string Version, IReadOnlyDictionary<string, PromptTemplate> Parts, IReadOnlyList<PromptEntry> Entries)
{
    /// <summary>The prompt that fits, with its places filled.</summary>
    public AgentPrompt Compose(string agent, int round, MasQuestion question)
    {
        PromptEntry entry = Entries.FirstOrDefault(entry => entry.Fits(agent, question.Kind, round))
            ?? throw new PromptException($"{File}: has no prompt for agent '{agent}', kind '{Word(question.Kind)}', {(round == 1 ? "first" : "later")} round. " +
                                         $"Kinds that '{agent}' has prompts for: {string.Join(", ", Entries.Where(e => e.Agents.Contains(agent)).SelectMany(e => e.Kinds).Distinct().Select(Word))}.");
        var parts = new List<PromptPart>();
        Fill(entry.User, question, parts);
        return new AgentPrompt(entry.System, Joined(parts));
    }

    public static string Word(TaskKind kind) => kind switch
    {
        TaskKind.Math => "math",
        TaskKind.Choice => "choice",
        TaskKind.Code => "code",
        _ => "free",
    };

    private void Fill(PromptTemplate template, MasQuestion question, List<PromptPart> parts)
    {
        foreach ((PromptPlace place, string text) in template.Pieces)
        {
            switch (place)
            {
                case PromptPlace.Text:
                    parts.Add(PromptPart.Text(text));
                    break;
                case PromptPlace.Question:
                    parts.Add(PromptPart.Given(question.Text));
                    break;
                case PromptPlace.Function:
                    parts.Add(PromptPart.Given(question.FunctionName!));
                    break;
                case PromptPlace.Slot:
                    parts.Add(PromptPart.Slot(text));
                    break;
                default:
                    Fill(Part(place == PromptPlace.Interface ? InterfaceName(question) : FinalName(question)), question, parts);
                    break;
            }
        }
    }

    private PromptTemplate Part(string name) => Parts.TryGetValue(name, out PromptTemplate? part)
        ? part
        : throw new PromptException($"{File}: a prompt asks for the part '{name}', which is missing. Parts: {string.Join(", ", Parts.Keys)}.");

    private static string InterfaceName(MasQuestion question) =>
        question.WholeProgram ? "interface.program" : question.FunctionName is null ? "interface.unnamed" : "interface.function";

    private static string FinalName(MasQuestion question) => question.Kind switch
    {
        TaskKind.Code => "final.code",
        TaskKind.Free => "final.free",
        TaskKind.Choice => "final.letter",
        _ => LetteredQuestion.Is(question.Text) ? "final.letter" : "final.box",
    };

    private static List<PromptPart> Joined(List<PromptPart> parts)
    {
        var joined = new List<PromptPart>(parts.Count);
        foreach (PromptPart part in parts)
        {
            if (part.Kind == PromptPartKind.Text && joined.Count > 0 && joined[^1].Kind == PromptPartKind.Text)
                joined[^1] = PromptPart.Text(joined[^1].Value + part.Value);
            else if (part.Kind == PromptPartKind.Slot || part.Value.Length > 0)
                joined.Add(part);
        }

        return joined;
    }
}
