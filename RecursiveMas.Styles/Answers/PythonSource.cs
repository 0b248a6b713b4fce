namespace RecursiveMas.Answers;

/// <summary>What a piece of Python code defines.</summary>
internal static class PythonSource
{
    private static readonly string[] s_definitions = ["def ", "async def ", "class "];
    private static readonly string[] s_starts = ["def ", "async def ", "class ", "import ", "from ", "@", "print("];
    private static readonly string[] s_trials = ["test", "main", "demo", "example", "usage", "run", "check"];

    /// <summary>Whether what stands on a fence's own line is code rather than attributes of the block.</summary>
    public static bool StartsCode(string line) => Array.Exists(s_starts, start => line.StartsWith(start, StringComparison.Ordinal));

    /// <summary>Names of functions and classes, and of lambdas.</summary>
    public static List<string> Definitions(string code)
    {
        var names = new List<string>();
        foreach (ReadOnlySpan<char> row in code.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> line = row.TrimStart();
            foreach (string definition in s_definitions)
            {
                if (line.StartsWith(definition, StringComparison.Ordinal) && NameAt(line[definition.Length..].TrimStart()) is { Length: > 0 } name)
                    names.Add(name);
            }

            int assigned = row.IndexOf('=') + 1;
            if (assigned > 0 && row[assigned..].TrimStart().StartsWith("lambda") && NameAt(row) is var lambda && IsAssigned(row, lambda))
                names.Add(lambda);
        }

        return names;
    }

    /// <summary>Whether code assigns something to a name on its outermost level: <c>solve = partial(...)</c>.</summary>
    public static bool Assigns(string code, string name)
    {
        foreach (ReadOnlySpan<char> row in code.AsSpan().EnumerateLines())
        {
            if (IsAssigned(row, name))
                return true;
        }

        return false;
    }

    /// <summary>Whether a name is one for trying out something else: a test, a main function, a demonstration.</summary>
    public static bool IsTrial(string name) => Array.Exists(s_trials, trial => name.TrimStart('_').StartsWith(trial, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a name stands in a text as a word of its own.</summary>
    public static bool Mentions(string text, string name) => Mention(text, name, 0) >= 0;

    /// <summary>Whether a question names a function as such: <c>solve(</c>, `solve`, "called solve".</summary>
    public static bool AsksFor(string question, string name)
    {
        for (int at = Mention(question, name, 0); at >= 0; at = Mention(question, name, at + 1))
        {
            int end = at + name.Length;
            bool called = end < question.Length && question[end] is '(' or '`';
            if (called || Words.Before(question, at, 1, "\n") is ["called" or "named" or "function" or "class" or "method" or "def"])
                return true;
        }

        return false;
    }

    private static int Mention(string text, string name, int from)
    {
        for (int at = text.IndexOf(name, from, StringComparison.Ordinal); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            if ((at == 0 || !IsNamePart(text[at - 1])) && (at + name.Length == text.Length || !IsNamePart(text[at + name.Length])))
                return at;
        }

        return -1;
    }

    private static bool IsAssigned(ReadOnlySpan<char> row, ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || !row.StartsWith(name))
            return false;
        ReadOnlySpan<char> rest = row[name.Length..].TrimStart();
        return rest is ['=', not '=', ..] || (rest is [':', ..] && rest.Contains('='));
    }

    private static string NameAt(ReadOnlySpan<char> line)
    {
        int end = 0;
        while (end < line.Length && IsNamePart(line[end]))
            end++;
        return line[..end].ToString();
    }

    private static bool IsNamePart(char letter) => char.IsLetterOrDigit(letter) || letter == '_';
}
