namespace RecursiveMas.Answers;

/// <summary>
/// The block of Python code that answers: the last that defines the function asked for, else the last that defines something, else the last. A block
/// that says that it is Python goes before one that says nothing; code outside of a fence is no answer.
/// </summary>
internal static class StrictCode
{
    /// <summary>How well a block answers, worst first; of equals the last counts.</summary>
    private enum Rank
    {
        Untagged,
        Tagged,
        UntaggedDefinition,
        Definition,
        UntaggedAsked,
        Asked,
    }

    public static ExtractedAnswer? Find(string said, MasQuestion question)
    {
        string? answer = null;
        Rank best = Rank.Untagged;
        var solutions = new List<string>();
        foreach (FencedBlock block in CodeFences.Read(said))
        {
            if (!CodeFences.IsPython(block.Language) || IsSession(block.Code))
                continue;
            Rank rank = RankOf(block, question, solutions);
            if (answer is null || rank >= best)
                (answer, best) = (block.Code, rank);
        }

        return answer is null ? null : new ExtractedAnswer(answer, AnswerSource.CodeBlock);
    }

    /// <param name="block">The block.</param>
    /// <param name="question">The question.</param>
    /// <param name="solutions">Names that earlier blocks define; those of this one are added.</param>
    private static Rank RankOf(FencedBlock block, MasQuestion question, List<string> solutions)
    {
        bool tagged = block.Language.Length > 0;
        List<string> names = PythonSource.Definitions(block.Code);
        if (IsAsked(block.Code, question, names))
            return tagged ? Rank.Asked : Rank.UntaggedAsked;
        bool trial = names.TrueForAll(PythonSource.IsTrial) && solutions.Exists(name => PythonSource.Mentions(block.Code, name));
        if (names.Count == 0 || trial)
            return tagged ? Rank.Tagged : Rank.Untagged;
        solutions.AddRange(names);
        return tagged ? Rank.Definition : Rank.UntaggedDefinition;
    }

    private static bool IsAsked(string code, MasQuestion question, List<string> names)
    {
        if (question.WholeProgram)
            return PythonSource.Mentions(code, "input") || PythonSource.Mentions(code, "stdin");
        return question.FunctionName is { } asked
            ? names.Contains(asked) || PythonSource.Assigns(code, asked)
            : names.Exists(name => PythonSource.AsksFor(question.Text, name));
    }

    /// <summary>Whether a block shows a session with an interpreter or a shell, not a program.</summary>
    private static bool IsSession(string code) => code.StartsWith(">>> ", StringComparison.Ordinal) || code.StartsWith("$ ", StringComparison.Ordinal);
}
