using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>A box command without braces: <c>\boxed 5</c>.</summary>
internal static class BareBox
{
    private const int Reach = 200;

    /// <summary>The box; null where the command is only spoken of.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Index behind the command.</param>
    public static AnswerBox? Read(string text, int at)
    {
        int start = at;
        while (start < text.Length && text[start] == ' ')
            start++;
        ReadOnlySpan<char> rest = text.AsSpan(start, Math.Min(Reach, text.Length - start));
        if (rest.IndexOfAny('\r', '\n') is >= 0 and int line)
            rest = rest[..line];
        int length = MathEnd(rest);
        bool inMath = length >= 0 && IsInMath(text, at);
        string content = PythonText.Strip(rest[..(inMath ? length : TokenEnd(rest))].ToString()).TrimEnd('.', ',', ';', ':');
        // "Use \boxed for it" only speaks of the command.
        bool holds = inMath ? content.Length > 0 : content is ['\\', ..] or [>= 'A' and <= 'Z'] || content.AsSpan().ContainsAnyInRange('0', '9');
        return holds ? new AnswerBox(content, start + content.Length) : null;
    }

    private static int MathEnd(ReadOnlySpan<char> rest)
    {
        for (int at = 0; at < rest.Length; at++)
        {
            if (rest[at] == '$' || (rest[at] == '\\' && at + 1 < rest.Length && rest[at + 1] is ')' or ']'))
                return at;
        }

        return -1;
    }

    /// <summary>End of what stands together: up to white space outside of braces.</summary>
    private static int TokenEnd(ReadOnlySpan<char> rest)
    {
        int depth = 0;
        for (int at = 0; at < rest.Length; at++)
        {
            depth += rest[at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth < 0 || (depth == 0 && (char.IsWhiteSpace(rest[at]) || rest[at] == '$')))
                return at;
        }

        return rest.Length;
    }

    /// <summary>Whether mathematics has been opened before a place on its line.</summary>
    private static bool IsInMath(string text, int at)
    {
        bool inside = false;
        int from = Math.Max(text.LastIndexOf('\n', at - 1) + 1, at - Reach);
        for (int i = from; i < at; i++)
        {
            if (text[i] == '$')
                inside = !inside;
            else if (text[i] == '\\' && text[i + 1] is '(' or '[' or ')' or ']')
                inside = text[i + 1] is '(' or '[';
        }

        return inside;
    }
}
