namespace RecursiveMas.Answers;

/// <summary>Reads the value behind a phrase, up to where the writer goes on to say something else. Prose is no value.</summary>
internal static class ValueReader
{
    private const int MostUnits = 4;
    private const string Opening = "*`\"“‘'_:：}";

    /// <summary>What stands at a place; empty if nothing does, null if it is no value.</summary>
    /// <param name="said">The text.</param>
    /// <param name="at">Where the value begins, white space and marks before it included.</param>
    /// <param name="labelled">Whether it stands alone behind a label or below a heading, so that words may be values and sentences are searched.</param>
    public static string? Read(string said, int at, bool labelled)
    {
        bool cell = at > 0 && said[at - 1] == '|';
        int start = SkipOpening(said, at, cell);
        if (start < 0)
            return null;
        ReadOnlySpan<char> rest = said.AsSpan(start);
        if (rest.IsEmpty || rest is ['<', '/', ..] || (cell && rest[0] == '|'))
            return "";
        if (rest is ['<', (>= 'A' and <= 'Z') or (>= 'a' and <= 'z'), ..] || ValueSentence.Read(said, start, cell) is not { Count: > 0 } sentence)
            return null;
        string? value = Formula(sentence, 0) ?? WordValue.Read(sentence, 0, labelled) ?? (labelled ? WordValue.ReadSentence(sentence) : null);
        return value is not null && Placeholders.Contains(value) ? null : value;
    }

    /// <summary>The number or formula that begins at a token, with its unit; null if none does, or it is no commitment.</summary>
    public static string? Formula(ValueSentence sentence, int from)
    {
        while (from < sentence.Count && ValueWords.Introductions.Contains(sentence.Word(from)) && (!sentence.IsFormula(from) || IsArticle(sentence, from)))
            from++;
        int end = from < sentence.Count && (ValueWords.Approximations.Contains(sentence.Word(from)) || sentence.IsSign(from)) ? from + 1 : from;
        if (!sentence.IsFormula(end))
            return null;
        for (int units = 0; ++end < sentence.Count && !EndsBefore(sentence, end);)
        {
            units = sentence.IsFormula(end) || ValueWords.Joints.Contains(sentence.Word(end)) ? 0 : units + 1;
            if (units > MostUnits)
                return null;
        }

        string next = sentence.Word(end);
        bool goesOn = ValueWords.Conditions.Contains(next) || ValueWords.Verbs.Contains(next) || IsRejected(sentence, end);
        return !goesOn && sentence.Text(from, end) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Where the value begins; -1 where several are listed.</summary>
    private static int SkipOpening(string said, int at, bool cell)
    {
        while (at < said.Length)
        {
            bool lineStart = at > 0 && said[at - 1] == '\n';
            if (said[at] is '\n' or '\r' && cell)
                return said.Length;
            if (lineStart && ListItem.Length(said, at) is > 0 and int marker)
            {
                if (!ListItem.StandsAlone(said, at))
                    return -1;
                at += marker;
            }
            else if (lineStart && Rule(said, at) is { } ruled)
            {
                at = ruled;
            }
            else if (char.IsWhiteSpace(said[at]) || Opening.Contains(said[at], StringComparison.Ordinal) || (lineStart && said[at] is '>' or '#'))
            {
                at++;
            }
            else
            {
                break;
            }
        }

        return at;
    }

    /// <summary>End of a line that only underlines the heading above it.</summary>
    private static int? Rule(string said, int at)
    {
        int end = at;
        while (end < said.Length && said[end] is '-' or '=')
            end++;
        return end - at > 2 && (end == said.Length || said[end] is '\n' or '\r') ? end : null;
    }

    /// <summary>"A total of 12" begins with an article, "A and B" and "A" do not.</summary>
    private static bool IsArticle(ValueSentence sentence, int token)
    {
        string next = sentence.Word(token + 1);
        return sentence[token] is "A" && token + 1 < sentence.Count && !sentence.IsFormula(token + 1)
            && (ValueWords.Introductions.Contains(next) || !(ValueWords.Joints.Contains(next) || ValueWords.Ends.Contains(next)));
    }

    /// <summary>"..., which is wrong".</summary>
    private static bool IsRejected(ValueSentence sentence, int token) =>
        sentence.Word(token) is "which" or "that" && sentence.Word(token + 1) == "is" && sentence.Word(token + 2) is "wrong" or "incorrect" or "not";

    private static bool EndsBefore(ValueSentence sentence, int token)
    {
        ReadOnlySpan<char> before = sentence[token - 1], here = sentence[token];
        string word = sentence.Word(token);
        bool last = token + 1 == sentence.Count, formulaNext = sentence.IsFormula(token + 1);
        if (before is ":" || (here is ":" && formulaNext))
            return false;
        if (before[^1] == ':' || (ValueToken.IsOrnament(here) && !formulaNext))
            return true;
        if (ValueWords.Joints.Contains(word))
            return last ? word is not ("in" or "times") : !Joins(sentence, token);
        if (here is "-" or "–" or "—" or "--")
            return !formulaNext;
        if (sentence.IsFormula(token))
            return false;
        bool remark = here[0] == '(' && !here.StartsWith("(mod") && !here.StartsWith("(base");
        return remark || here[^1] == ':' || before[^1] == ',' || ValueWords.Ends.Contains(word) || ValueWords.Conditions.Contains(word);
    }

    private static bool Joins(ValueSentence sentence, int token) => sentence.Word(token) switch
    {
        "in" => sentence.IsFormula(token + 1) && sentence[token + 1][0] is '(' or '[' or '{' or '\\' or '$',
        "out" => sentence.IsFormula(token + 2),
        "and" => sentence.IsFormula(token + 1) || sentence.Word(token + 1) == "a",
        _ => sentence.IsFormula(token + 1),
    };
}
