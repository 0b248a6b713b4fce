namespace RecursiveMas.Answers;

/// <summary>The last complete block of Python code. Code outside of a fence is no answer.</summary>
internal static class StrictCode
{
    private const string Fence = "```";

    private static readonly HashSet<string> s_tags = new(StringComparer.OrdinalIgnoreCase) { "", "py", "python", "python3" };

    /// <summary>A block that has been opened: the word behind its fence, and where its code begins.</summary>
    private readonly record struct Opening(string Tag, int Code);

    public static ExtractedAnswer? Find(string text)
    {
        string? last = null;
        Opening? open = null;
        for (int at = 0; at < text.Length;)
        {
            int end = text.IndexOf('\n', at), next = end < 0 ? text.Length : end + 1, mark = at;
            while (mark < next && text[mark] is ' ' or '\t')
                mark++;
            if (string.CompareOrdinal(text, mark, Fence, 0, Fence.Length) == 0)
            {
                int word = mark + Fence.Length, wordEnd = word;
                while (wordEnd < next && !PythonText.IsSpace(text[wordEnd]) && text[wordEnd] != '`')
                    wordEnd++;
                bool closes = open is not null && wordEnd == word;
                if (closes)
                    last = Code(text, open!.Value, mark) ?? last;

                // A fence with a word cannot close a block: the block before it was given up.
                open = closes ? null : new Opening(text[word..wordEnd], wordEnd);
            }

            at = next;
        }

        // Code that begins on the fence's own line may also end on a line of code.
        if (open is { } rest && text.IndexOf(Fence, rest.Code, StringComparison.Ordinal) is >= 0 and int close)
            last = Code(text, rest, close) ?? last;
        return last is { Length: > 0 } ? new ExtractedAnswer(last, AnswerSource.CodeBlock) : null;
    }

    private static string? Code(string text, Opening block, int end) => s_tags.Contains(block.Tag)
        ? text[block.Code..end].Replace("\r\n", "\n", StringComparison.Ordinal).TrimStart(' ', '\t').Trim('\n')
        : null;
}
