namespace RecursiveMas.Answers;

/// <summary>Reads the letter of a choice, with what may stand around it, and nothing that merely begins with such a letter.</summary>
internal static class LetterReader
{
    private static readonly string[] s_wrappers = ["\\text{", "\\textbf{", "\\textit{", "\\textrm{", "\\mathrm{", "\\mathbf{", "\\mathsf{", "\\mathit{", "\\boldsymbol{", "\\(", "\\["];
    private static readonly string[] s_names = ["option", "choice", "letter"];
    private static readonly string[] s_alternatives = ["or", "and"];
    private static readonly string[] s_reasons = ["because", "since", "as", "due", "for", "given", "which"];

    /// <summary>The letter A to D, in upper case, that stands at a place; null if there is none, or a choice between several.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the letter or what is wrapped around it begins.</param>
    public static char? Read(string text, int at)
    {
        int start = SkipOpening(text, at);
        if (!IsLetter(text, start))
            return null;
        int end = SkipClosing(text, start + 1);
        bool closed = end > start + 1;
        if (PythonText.IsWord(text, end) || OffersAnother(text, end))
            return null;
        return closed || EndsAt(text, end, isCapital: char.IsAsciiLetterUpper(text[start])) ? char.ToUpperInvariant(text[start]) : null;
    }

    /// <summary>The letter of a text that is nothing but one option: "B", "(B)", "B. heart"; null for prose and for lists of options.</summary>
    public static char? ReadOption(string text)
    {
        text = PythonText.Strip(text);
        if (text.Contains('\n', StringComparison.Ordinal) || Read(text, 0) is not { } letter)
            return null;
        int start = SkipOpening(text, 0) + 1, end = SkipClosing(text, start);
        bool marked = end > start || end == text.Length || text[end] is '.' or ':';
        for (int at = end; marked && at + 1 < text.Length; at++)
            marked = !(IsLetter(text, at) && text[at + 1] is '.' or ')' or ':' && !PythonText.IsWord(text, at - 1));
        return marked ? letter : null;
    }

    private static int SkipOpening(string text, int at)
    {
        while (at < text.Length)
        {
            if (PythonText.IsSpace(text[at]) || text[at] is '*' or '$' or '(' or '[' or '{' or '"' or '`')
                at++;
            else if (s_wrappers.FirstOrDefault(wrapper => string.CompareOrdinal(text, at, wrapper, 0, wrapper.Length) == 0) is { } wrapper)
                at += wrapper.Length;
            else if (s_names.FirstOrDefault(name => PythonText.StandsAt(text, at, name)) is { } name && at + name.Length < text.Length && PythonText.IsSpace(text[at + name.Length]))
                at += name.Length;
            else
                break;
        }

        return at;
    }

    private static int SkipClosing(string text, int at)
    {
        while (at < text.Length)
        {
            int mark = text[at] == ' ' ? PythonText.SkipSpace(text, at) : at;
            if (mark < text.Length && text[mark] is ')' or ']')
                at = mark + 1;
            else if (text[at] is '*' or '$' or '}' or '"' or '`')
                at++;
            else if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is ')' or ']')
                at += 2;
            else
                break;
        }

        return at;
    }

    private static bool OffersAnother(string text, int at)
    {
        int mark = PythonText.SkipSpace(text, at);
        if (mark >= text.Length)
            return false;
        string? word = s_alternatives.FirstOrDefault(word => mark > at && PythonText.StandsAt(text, mark, word));
        if (word is null && text[mark] is not (',' or '/' or '&' or '+'))
            return false;
        int other = PythonText.SkipSpace(text, mark + (word?.Length ?? 1));
        if (word is null && s_alternatives.FirstOrDefault(word => PythonText.StandsAt(text, other, word)) is { } second)
            other += second.Length;
        other = SkipOpening(text, other);
        return IsLetter(text, other) && char.IsAsciiLetterUpper(text[other]) && !PythonText.IsWord(text, other + 1);
    }

    /// <summary>Whether a letter may stand alone before what comes at a place: "B. heart" and "B because", but not "a drug", "B cells" or "C-reactive".</summary>
    private static bool EndsAt(string text, int at, bool isCapital)
    {
        if (at == text.Length || text[at] is '\n' or '\r' or ',' or ';' or '!' or '?' or ')')
            return true;
        if (text[at] is '.' or ':')
            return !PythonText.IsWord(text, at + 1);
        if (!isCapital || !PythonText.IsSpace(text[at]))
            return isCapital && text[at] is '\u2013' or '\u2014';
        int next = PythonText.SkipSpace(text, at);
        if (next == text.Length || text[next] is '(' or '-' or '\u2013' or '\u2014' || text.AsSpan(at, next - at).Contains('\n'))
            return true;
        return s_reasons.Any(word => PythonText.StandsAt(text, next, word) && !PythonText.IsWord(text, next + word.Length));
    }

    private static bool IsLetter(string text, int at) => at < text.Length && text[at] is (>= 'A' and <= 'D') or (>= 'a' and <= 'd');
}
