using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>A box of a text that holds something.</summary>
/// <param name="Content">What stands in it, without white space at the ends; of a box that holds nothing but a box, the inner one's content.</param>
/// <param name="End">Index behind it.</param>
internal sealed record AnswerBox(string Content, int End);

/// <summary>Finds boxes by counting braces. Escaped braces are text; a box whose brace is missing is none, nor is one that waits to be filled in.</summary>
internal static class BoxScanner
{
    private static readonly string[] s_commands = ["\\boxed", "\\fbox", "\\framebox"];

    /// <summary>A brace that is open, and where its command begins if it opens a box.</summary>
    private readonly record struct Opening(int Command, int Content);

    /// <summary>A complete box: where it stands with its command, and where its content does.</summary>
    private readonly record struct Span(int Start, int End, int ContentStart, int ContentEnd);

    /// <summary>The box that closes last, so that a box around others counts rather than those; null if there is none.</summary>
    public static AnswerBox? Last(string text)
    {
        var open = new Stack<Opening>();
        Span? last = null;
        int bare = -1;
        for (int at = Next(text, 0); at >= 0; at = Next(text, at + 1))
        {
            switch (text[at])
            {
                case '\\' when BehindCommand(text, at) is { } behind:
                    int brace = PythonText.SkipSpace(text, behind);
                    if (brace < text.Length && text[brace] == '{')
                    {
                        open.Push(new Opening(at, brace + 1));
                        at = brace;
                    }
                    else
                    {
                        bare = behind;
                        at = behind - 1;
                    }

                    break;
                case '\\' when at + 1 < text.Length && text[at + 1] is '{' or '}':
                    at++;
                    break;
                case '\\' when at + 1 < text.Length && text[at + 1] == '\\' && BehindCommand(text, at + 1) is null:
                    at++;
                    break;
                case '{':
                    open.Push(new Opening(-1, at + 1));
                    break;
                case '}' when open.TryPop(out Opening opening) && opening.Command >= 0:
                    last = Close(text, opening, at, last);
                    break;
            }
        }

        if (bare >= 0 && bare >= (last?.End ?? 0) && BareBox.Read(text, bare) is { } unbraced)
            return unbraced;
        return last is { } box ? new AnswerBox(text[box.ContentStart..box.ContentEnd], box.End) : null;
    }

    private static int Next(string text, int from) =>
        from < text.Length && text.AsSpan(from).IndexOfAny('\\', '{', '}') is >= 0 and int next ? from + next : -1;

    private static int? BehindCommand(string text, int at)
    {
        if (at + 1 >= text.Length || text[at + 1] is not ('b' or 'f'))
            return null;
        foreach (string command in s_commands)
        {
            int end = at + command.Length;
            if (string.CompareOrdinal(text, at, command, 0, command.Length) == 0 && (end == text.Length || !char.IsAsciiLetter(text[end])))
                return end;
        }

        return null;
    }

    private static Span? Close(string text, Opening opening, int brace, Span? before)
    {
        int start = opening.Content, end = brace;
        while (start < end && PythonText.IsSpace(text[start]))
            start++;
        while (end > start && PythonText.IsSpace(text[end - 1]))
            end--;
        if (before is { } inner && inner.Start == start && inner.End == end)
            return inner with { Start = opening.Command, End = brace + 1 };
        return Placeholders.Contains(text.AsSpan(start, end - start)) ? before : new Span(opening.Command, brace + 1, start, end);
    }
}
