namespace RecursiveMas.Answers;

/// <summary>What stands where an answer is to be filled in: nothing, dots, "your answer".</summary>
internal static class Placeholders
{
    private const int Longest = 40;

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_texts = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "", "...", "…", "ldots", "dots", "cdots", "?", "??", "???", "_", "square", "n/a",
        "answer", "your answer", "your answer here", "final answer", "the answer", "the final answer",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool Contains(ReadOnlySpan<char> value)
    {
        const string Text = "\\text{";
        if (value.Length > Longest)
            return false;
        if (value.StartsWith(Text) && value.IndexOf('}') == value.Length - 1)
            value = value[Text.Length..^1];
        return s_texts.Contains(value.Trim(" \t\r\n~$\\,;:!-"));
    }
}
