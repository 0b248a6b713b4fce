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
/// <param name="Systems">Texts of system turns, by name.</param>
/// <param name="Parts">Wording that several prompts share, by name.</param>
/// <param name="Entries">The prompts; the first that fits is used.</param>
/// <param name="AnswerPass">What is put behind a text without an answer, by kind of question.</param>
internal sealed record PromptFile(
    string File,
    string Name,
    string Version,
    IReadOnlyDictionary<string, string> Systems,
    IReadOnlyDictionary<string, PromptTemplate> Parts,
    IReadOnlyList<PromptEntry> Entries,
    IReadOnlyDictionary<TaskKind, string> AnswerPass)
{
    /// <summary>The prompt that fits, with its places filled.</summary>
    public AgentPrompt Compose(string agent, int round, MasQuestion question)
    {
        PromptEntry entry = Entries.FirstOrDefault(entry => entry.Fits(agent, question.Kind, round))
            ?? throw new PromptException(
                $"{File}: has no prompt for agent '{agent}', kind '{Word(question.Kind)}', {(round == 1 ? "first" : "later")} round. " +
                $"Kinds that '{agent}' has prompts for: " +
                $"{string.Join(", ", Entries.Where(e => e.Agents.Contains(agent)).SelectMany(e => e.Kinds).Distinct().Select(Word))}.");
        var parts = new List<PromptPart>();
        Fill(entry.User, agent, question, parts);
        return new AgentPrompt(entry.System, Joined(parts));
    }

    public static string Word(TaskKind kind) => kind switch
    {
        TaskKind.Math => "math",
        TaskKind.Choice => "choice",
        TaskKind.Code => "code",
        _ => "free",
    };

    private void Fill(PromptTemplate template, string agent, MasQuestion question, List<PromptPart> parts)
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
                case PromptPlace.ChoiceQuestion:
                    parts.Add(PromptPart.Given(ChoiceQuestion.TrimEnd(question.Text)));
                    parts.Add(PromptPart.Text(ChoiceQuestion.Sentence(question.Text, Parts[PromptParts.Choice].PlainText)));
                    break;
                case PromptPlace.Function:
                    parts.Add(PromptPart.Given(question.FunctionName!));
                    break;
                case PromptPlace.Slot:
                    parts.Add(PromptPart.Slot(text));
                    break;
                default:
                    Fill(Parts[PromptParts.Name(place, agent, question)], agent, question, parts);
                    break;
            }
        }
    }

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
