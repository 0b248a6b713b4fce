using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>
/// The reference implementation's rules with their faults, on purpose: a brace-free box wins over a later one with braces, a box may
/// swallow the rest of its line, prose is read as a letter. Written as scans, because its regular expressions take quadratic time.
/// </summary>
internal static class ReferenceExtraction
{
    private const string BoxStart = "\\boxed{";
    private const string Fence = "```";

    private static readonly string[] s_keywords = ["choice", "option", "answer"];

    public static ExtractedAnswer? From(string text, TaskKind kind) => kind switch
    {
        TaskKind.Choice => Letter(text),
        TaskKind.Code => Code(text) is { Length: > 0 } code ? new ExtractedAnswer(code, AnswerSource.CodeBlock) : null,
        _ => Predicted(text),
    };

    /// <summary>Whether the reference would ask the writer once more for its answer.</summary>
    public static bool WantsAnswerPass(string text, TaskKind kind) => kind switch
    {
        TaskKind.Free => false,
        TaskKind.Choice => Letter(text) is null,
        TaskKind.Code => Code(text) is null,
        _ => Box(text) is null,
    };

    /// <summary>Content of the last box without inner braces; only if there is none, of the last box up to the last brace of its line.</summary>
    public static string? Box(string text)
    {
        for (int at = text.LastIndexOf(BoxStart, StringComparison.Ordinal);
            at >= 0;
            at = at == 0 ? -1 : text.LastIndexOf(BoxStart, at - 1, StringComparison.Ordinal))
        {
            int start = at + BoxStart.Length, brace = text.AsSpan(start).IndexOfAny('{', '}');
            if (brace > 0 && text[start + brace] == '}')
                return PythonText.Strip(text.Substring(start, brace));
        }

        return BoxToEndOfLine(text);
    }

    private static string? BoxToEndOfLine(string text)
    {
        for (int end = text.Length; end >= 0;)
        {
            int line = end == 0 ? 0 : text.LastIndexOf('\n', end - 1) + 1;
            int box = text.IndexOf(BoxStart, line, end - line, StringComparison.Ordinal);
            if (box >= 0)
            {
                int start = box + BoxStart.Length, brace = text.AsSpan(start, end - start).LastIndexOf('}');
                if (brace >= 0)
                    return PythonText.Strip(text.Substring(start, brace));
            }

            end = line - 1;
        }

        return null;
    }

    private static ExtractedAnswer? Predicted(string text)
    {
        if (Box(text) is { } box)
            return new ExtractedAnswer(box, AnswerSource.Box);
        if (LastLabel(text, ["answer"]) is { Length: > 0 } labelled)
            return new ExtractedAnswer(labelled, AnswerSource.Phrase);
        return PythonText.Strip(text) is { Length: > 0 } whole ? new ExtractedAnswer(whole, AnswerSource.WholeText) : null;
    }

    private static ExtractedAnswer? Letter(string text)
    {
        (string? Candidate, AnswerSource Source)[] candidates =
        [
            (Box(text), AnswerSource.Box),
            (LastLabel(text, ["choice", "answer"]), AnswerSource.Phrase),
            (PythonText.Strip(text), AnswerSource.WholeText),
        ];
        foreach ((string? candidate, AnswerSource source) in candidates)
        {
            if (candidate is not null && (LetterBehindKeyword(candidate) ?? LetterAtStart(candidate)) is { } letter)
                return new ExtractedAnswer(char.ToUpperInvariant(letter).ToString(), source);
        }

        return null;
    }

    /// <summary>Rest of the line behind the last "final answer:" (or "final choice:"); the value may begin on a later line.</summary>
    private static string? LastLabel(string text, string[] nouns)
    {
        string? last = null;
        for (int at = PythonText.Find(text, "final", 0); at >= 0;)
        {
            int next = at + 1, noun = PythonText.SkipSpace(text, at + "final".Length);
            if (nouns.FirstOrDefault(word => PythonText.StandsAt(text, noun, word)) is { } found)
            {
                int colon = PythonText.SkipSpace(text, noun + found.Length);
                if (colon < text.Length && text[colon] == ':')
                {
                    int start = PythonText.SkipSpace(text, colon + 1), end = text.IndexOf('\n', start);
                    next = end < 0 ? text.Length : end;
                    last = PythonText.Strip(text[start..next]);
                }
            }

            at = PythonText.Find(text, "final", next);
        }

        return last;
    }

    /// <summary>First keyword that is followed by a letter. "Final" and "correct" before a keyword change nothing: the keyword alone matches as well.</summary>
    private static char? LetterBehindKeyword(string text)
    {
        for (int at = 0; at < text.Length; at++)
        {
            string? keyword = null;
            foreach (string word in s_keywords)
                keyword ??= PythonText.StandsAt(text, at, word) ? word : null;
            if (keyword is null)
                continue;
            int letter = PythonText.SkipSpace(text, at + keyword.Length);
            letter = SkipOne(text, letter, ":-");
            letter = SkipOne(text, letter, "([");
            if (IsLetter(text, letter) && !PythonText.IsWord(text, letter + 1))
                return text[letter];
        }

        return null;
    }

    private static char? LetterAtStart(string text)
    {
        int at = PythonText.SkipSpace(text, 0);
        if (at < text.Length && text[at] is '(' or '[')
            at++;
        if (!IsLetter(text, at))
            return null;
        int mark = PythonText.SkipSpace(text, at + 1);
        return mark == text.Length || text[mark] is ')' or ']' or ':' or '.' or '-' ? text[at] : null;
    }

    /// <summary>Content of the first python-tagged block; null if there is none.</summary>
    private static string? Code(string text)
    {
        text = PythonText.Strip(WithoutClosedThinking(text));
        for (int at = text.IndexOf(Fence, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Fence, at + 1, StringComparison.Ordinal))
        {
            int start = at + Fence.Length + "python".Length;
            if (!PythonText.StandsAt(text, at + Fence.Length, "python"))
                continue;
            int end = text.IndexOf(Fence, start, StringComparison.Ordinal);
            return end < 0 ? null : CleanCode(text[start..end]);
        }

        return null;
    }

    private static string CleanCode(string code)
    {
        string[] lines = [.. PythonText.Lines(PythonText.Strip(code))];
        bool named = lines.Length > 0 && PythonText.Strip(lines[0]).Equals("python", StringComparison.OrdinalIgnoreCase);
        return PythonText.Strip(string.Join('\n', named ? lines[1..] : lines));
    }

    private static string WithoutClosedThinking(string text)
    {
        var kept = new System.Text.StringBuilder();
        int at = 0;
        while (PythonText.Find(text, "<think>", at) is >= 0 and int open && PythonText.Find(text, "</think>", open) is >= 0 and int close)
        {
            kept.Append(text, at, open - at);
            at = close + "</think>".Length;
        }

        return kept.Append(text, at, text.Length - at).ToString();
    }

    private static int SkipOne(string text, int at, string marks) =>
        at < text.Length && marks.Contains(text[at], StringComparison.Ordinal) ? PythonText.SkipSpace(text, at + 1) : at;

    private static bool IsLetter(string text, int at) => at < text.Length && text[at] is (>= 'A' and <= 'D') or (>= 'a' and <= 'd');
}
