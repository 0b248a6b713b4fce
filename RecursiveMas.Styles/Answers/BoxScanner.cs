namespace RecursiveMas.Answers;

/// <summary>A complete box of a text.</summary>
/// <param name="Content">What stands in it, without white space at the ends; of a box that holds nothing but a box, the inner one's content.</param>
/// <param name="End">Index behind its closing brace.</param>
internal sealed record AnswerBox(string Content, int End);

/// <summary>Finds boxes by counting braces. Escaped braces are text; a box whose brace is missing is none.</summary>
internal static class BoxScanner
{
    private const string Command = "\\boxed";

    /// <summary>A brace that is open, and where its command begins if it opens a box.</summary>
    private readonly record struct Opening(int Command, int Content);

    /// <summary>A complete box: where it stands with its command, and where its content does.</summary>
    private readonly record struct Span(int Start, int End, int ContentStart, int ContentEnd);

    /// <summary>The box that closes last, so that a box around others counts rather than those; null if none is complete.</summary>
    public static AnswerBox? Last(string text)
    {
        var open = new Stack<Opening>();
        Span? last = null;
        for (int at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\\' when BoxBrace(text, at) is { } brace:
                    open.Push(new Opening(at, brace + 1));
                    at = brace;
                    break;
                case '\\' when at + 1 < text.Length && text[at + 1] is '{' or '}':
                    at++;
                    break;
                case '\\' when at + 1 < text.Length && text[at + 1] == '\\' && BoxBrace(text, at + 1) is null:
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

        return last is { } box ? new AnswerBox(text[box.ContentStart..box.ContentEnd], box.End) : null;
    }

    private static int? BoxBrace(string text, int at)
    {
        if (string.CompareOrdinal(text, at, Command, 0, Command.Length) != 0)
            return null;
        int brace = PythonText.SkipSpace(text, at + Command.Length);
        return brace < text.Length && text[brace] == '{' ? brace : null;
    }

    private static Span Close(string text, Opening opening, int brace, Span? before)
    {
        int start = opening.Content, end = brace;
        while (start < end && PythonText.IsSpace(text[start]))
            start++;
        while (end > start && PythonText.IsSpace(text[end - 1]))
            end--;
        return before is { } inner && inner.Start == start && inner.End == end
            ? inner with { Start = opening.Command, End = brace + 1 }
            : new Span(opening.Command, brace + 1, start, end);
    }
}
