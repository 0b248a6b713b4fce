using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>Reads the letter of a choice, with what may stand around it, and nothing that merely begins with such a letter.</summary>
internal static class LetterReader
{
    private const string Opening = "*_$([{}\"`'“‘（~", Closing = "*_$}\"`'”’";

    private static readonly HashSet<string> s_fonts = Words.Set(
        "text textbf textit textrm textsf texttt textnormal emph underline mbox hbox mathrm mathbf mathsf mathit mathtt mathbb mathcal boldsymbol bm "
        + "bf bfseries rm sf it tt em tiny small normalsize large Large LARGE huge Huge displaystyle textstyle left quad qquad operatorname");

    private static readonly HashSet<string> s_comparisons = Words.Set("or and nor than as to not with");
    private static readonly string[] s_names = ["option ", "choice ", "letter ", "answer "];
    private static readonly string[] s_alternatives = ["or", "and"];
    private static readonly string[] s_reasons = ["because", "since", "as", "due", "for", "given", "which"];

    /// <summary>The letter, in upper case, that stands at a place; null if there is none, or a choice between several.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the letter or what is wrapped around it begins.</param>
    /// <param name="letters">What the question offers.</param>
    public static char? Read(string text, int at, OfferedLetters letters)
    {
        int start = SkipOpening(text, at);
        if (!IsLetter(text, start, letters))
            return null;
        int end = SkipClosing(text, start + 1);
        bool closed = end > start + 1;
        if ((PythonText.IsWord(text, end) && !IsChineseVerdict(text, end)) || OffersAnother(text, end, letters) || IsName(text, start, letters))
            return null;
        return closed || EndsAt(text, end, isCapital: char.IsAsciiLetterUpper(text[start])) ? char.ToUpperInvariant(text[start]) : null;
    }

    /// <summary>The letter of a line that is nothing but one option: "B", "(B)", "B. heart"; null for prose and for lists of options.</summary>
    /// <param name="line">The line.</param>
    /// <param name="letters">What the question offers.</param>
    /// <param name="bare">Whether nothing stands behind the letter.</param>
    public static char? ReadOption(string line, OfferedLetters letters, out bool bare)
    {
        line = PythonText.Strip(line);
        bare = false;
        if (Read(line, 0, letters) is not { } letter)
            return null;
        int start = SkipOpening(line, 0) + 1, end = SkipClosing(line, start);
        bare = line.AsSpan(end).TrimEnd(".*_ ").IsEmpty;
        bool marked = end > start || end == line.Length || line[end] is '.' or ':';
        for (int at = end; marked && at + 1 < line.Length; at++)
            marked = !(IsLetter(line, at, letters) && line[at + 1] is '.' or ')' or ':' && !PythonText.IsWord(line, at - 1));
        return marked ? letter : null;
    }

    /// <summary>The letter in brackets with which a sentence ends that names an option first: "aspirin (B)."; null if there is none.</summary>
    public static char? ReadAtEnd(string text, int at, OfferedLetters letters)
    {
        const int Reach = 120;
        ReadOnlySpan<char> rest = text.AsSpan(at, Math.Min(Reach, text.Length - at)).TrimStart();
        if (rest.IndexOfAny('\n', '?', ';') is >= 0 and int end)
            rest = rest[..end];
        int bracket = rest.LastIndexOf('(');
        if (bracket < 2 || rest[..bracket].ContainsAny('.', '(') || !rest[(bracket + 1)..].TrimEnd(" .*").EndsWith(")"))
            return null;
        int place = text.Length - text.AsSpan(at).TrimStart().Length + bracket;
        bool compares = Words.Next(text, place - bracket, 12).Any(s_comparisons.Contains);
        return !compares && EndsSentence(text, place) ? Read(text, place, letters) : null;
    }

    /// <summary>Whether a letter at a place, with what closes it, is all that a sentence says.</summary>
    public static bool EndsSentence(string text, int at)
    {
        int letter = SkipOpening(text, at), end = SkipClosing(text, letter + 1);
        if (letter >= text.Length || !char.IsAsciiLetterUpper(text[letter]))
            return false;
        return end >= text.Length || text[end] is '\n' or '\r' or '。' || (text[end] == '.' && !PythonText.IsWord(text, end + 1));
    }

    private static int SkipOpening(string text, int at)
    {
        bool named = false;
        while (at < text.Length)
        {
            if (PythonText.IsSpace(text[at]) || Opening.Contains(text[at], StringComparison.Ordinal))
                at++;
            else if (text[at] == '\\' && Command(text, at) is { } end)
                at = end;
            else if (!named && s_names.FirstOrDefault(name => Words.StandsAt(text, at, name)) is { } name)
                (at, named) = (at + name.Length, true);
            else
                break;
        }

        return at;
    }

    /// <summary>Where a command ends that only changes how letters look, or is a space; null for others.</summary>
    private static int? Command(string text, int at)
    {
        int end = at + 1;
        if (end < text.Length && text[end] is ' ' or ',' or ';' or ':' or '!' or '(' or '[')
            return end + 1;
        while (end < text.Length && char.IsAsciiLetter(text[end]) && end - at < 16)
            end++;
        return s_fonts.Contains(text[(at + 1)..end]) ? end : null;
    }

    private static int SkipClosing(string text, int at)
    {
        while (at < text.Length)
        {
            int mark = text[at] == ' ' ? PythonText.SkipSpace(text, at) : at;
            if (mark < text.Length && text[mark] is ')' or ']' or '）')
                at = mark + 1;
            else if (Closing.Contains(text[at], StringComparison.Ordinal))
                at++;
            else if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is ')' or ']' or ',')
                at += 2;
            else
                break;
        }

        return at;
    }

    private static bool OffersAnother(string text, int at, OfferedLetters letters)
    {
        int mark = SkipOpening(text, at);
        if (mark >= text.Length)
            return false;
        // "(A)(B)"
        if (text[at] is '(' or '[' && IsLetter(text, mark, letters) && char.IsAsciiLetterUpper(text[mark]) && !PythonText.IsWord(text, mark + 1))
            return true;
        string? word = s_alternatives.FirstOrDefault(word => mark > at && PythonText.StandsAt(text, mark, word));
        if (word is null && text[mark] is not (',' or '/' or '&' or '+' or '、'))
            return false;
        int other = PythonText.SkipSpace(text, mark + (word?.Length ?? 1));
        if (word is null && s_alternatives.FirstOrDefault(word => PythonText.StandsAt(text, other, word)) is { } second)
            other += second.Length;
        other = SkipOpening(text, other);
        return IsLetter(text, other, letters) && char.IsAsciiLetterUpper(text[other]) && !PythonText.IsWord(text, other + 1);
    }

    /// <summary>Whether the letter is the initial of a name, as in "E. coli": a small letter follows, and that is not how the option reads.</summary>
    private static bool IsName(string text, int letter, OfferedLetters letters) =>
        letter + 3 < text.Length && text[letter + 1] == '.' && text[letter + 2] == ' ' && char.IsAsciiLetterLower(text[letter + 3])
        && !letters.MayRead(text[letter], text.AsSpan(letter + 3));

    /// <summary>Whether a letter may stand alone before what comes at a place: "B. heart" and "B because", but not "a drug", "B cells", "C-reactive".</summary>
    private static bool EndsAt(string text, int at, bool isCapital)
    {
        if (at == text.Length || IsChineseVerdict(text, at) || text[at] is '\n' or '\r' or ',' or ';' or '!' or ')' or '。' or '，' or '；' or '<')
            return true;
        if (text[at] is '.' or ':')
            return !PythonText.IsWord(text, at + 1);
        if (!isCapital || !PythonText.IsSpace(text[at]))
            return isCapital && text[at] is '\u2013' or '\u2014' or '\\';
        int next = PythonText.SkipSpace(text, at);
        if (next == text.Length || text[next] is '(' or '-' or '\u2013' or '\u2014' or '|' || text.AsSpan(at, next - at).Contains('\n'))
            return true;
        return s_reasons.Any(word => PythonText.StandsAt(text, next, word) && !PythonText.IsWord(text, next + word.Length));
    }

    private static bool IsChineseVerdict(string text, int at) =>
        text.AsSpan(at) is ['正', '确', ..] or ['是', '正', '确', ..] or ['选', '项', ..] or ['项', ..];

    private static bool IsLetter(string text, int at, OfferedLetters letters) => at < text.Length && letters.Has(text[at]);
}
