namespace RecursiveMas.Answers;

/// <summary>Reads on from "answer" and its like to where the value begins.</summary>
internal static class NounCue
{
    // How far a sentence may go on before it comes to its verb: "the answer to the question that was asked is".
    private const int Reach = 120;

    private static readonly HashSet<string> s_copulas = Words.Set("is are be equals becomes remains stays");
    private static readonly HashSet<string> s_negations = Words.Set("not never isn't aren't cannot can't won't shouldn't");

    private static readonly HashSet<string> s_hedges = Words.Set(
        "could might may can seems appears probably likely unlikely possibly perhaps maybe either neither between close near");

    /// <summary>Words between the noun and its copula, and behind the copula before the value.</summary>
    private static readonly HashSet<string> s_adverbs = Words.Set(
        "therefore then thus hence simply just clearly indeed also now again still actually really should would will must shall has have had "
        + "ought needs to be given found going equal by as follows definitely certainly obviously of course");

    /// <summary>Verbs that lead to the value by "to" or "to be".</summary>
    private static readonly HashSet<string> s_leading = Words.Set("comes turns turned came works evaluates simplifies amounts reduces");

    private static readonly HashSet<string> s_fillers = Words.Set(
        "to for of in we that after rounded here you on with found obtained above at from");

    /// <summary>What makes of the answer another one, or no statement at all.</summary>
    private static readonly HashSet<string> s_breakers = Words.Set(
        "part parts step steps subproblem subquestion if whether how what which why who depends first second previous");

    private static readonly HashSet<string> s_headings = Words.Set("the my our final correct numerical exact short best step");

    public static AnswerCue? ReadIfFinal(string said, int at, string word, bool choice) => ClauseBefore.IsFinal(said, at) ? Read(said, at, word, choice) : null;

    public static AnswerCue? Read(string said, int at, string word, bool choice)
    {
        int end = at + word.Length;
        if (end < said.Length && said[end] is 's' or 'S' && word == "answer")
            end++;
        bool latin = char.IsAscii(word[0]);
        if (latin && end < said.Length && char.IsAsciiLetterOrDigit(said[end]))
            return null;
        AnswerCue? cue = latin ? Behind(said, at, end, choice) : Label(said, at, SkipMarks(said, end), choice) ?? Chinese(said, SkipMarks(said, end), word);
        return cue is null || ClauseBefore.RulesOut(said, at) ? null : cue.Value with { IsFinal = ClauseBefore.IsFinal(said, at) };
    }

    private static AnswerCue? Behind(string said, int at, int end, bool choice)
    {
        if (end < said.Length && said[end] is '>' or ']' && OpensTag(said, at, said[end] == '>' ? '<' : '['))
            return Labelled(end + 1);
        int behind = SkipRemark(said, SkipMarks(said, end));
        if (behind == said.Length || said[behind] is '\n' or '\r')
            return IsHeading(said, at) ? Labelled(behind) : Verb(said, behind);
        return Label(said, at, behind, choice) ?? Verb(said, behind) ?? (StartsLine(said, at, end, behind, choice) ? Labelled(behind) : null);
    }

    /// <summary>Whether a tag opens before the noun: <c>&lt;answer&gt;</c>, <c>&lt;final_answer&gt;</c>.</summary>
    private static bool OpensTag(string said, int noun, char bracket)
    {
        int at = noun;
        while (at > 0 && noun - at < 10 && (char.IsAsciiLetter(said[at - 1]) || said[at - 1] == '_'))
            at--;
        return at > 0 && said[at - 1] == bracket;
    }

    /// <summary>Whether a line begins with the noun, set off by its type alone, and the value follows: "**Answer** 12", "Answer (B)".</summary>
    private static bool StartsLine(string said, int noun, int end, int behind, bool choice)
    {
        bool marked = said.AsSpan(end, behind - end).ContainsAny('*', '}') || ClauseBefore.IsFinal(said, noun);
        bool number = char.IsAsciiDigit(said[behind]) || said[behind] is '$' or '\\' or '-' or '(';
        return (choice ? LetterReader.EndsSentence(said, behind) : marked && number) && behind > end && IsHeading(said, noun);
    }

    private static AnswerCue? Label(string said, int noun, int at, bool choice)
    {
        if (at >= said.Length)
            return null;
        char next = at + 1 < said.Length ? said[at + 1] : '\n';
        return said[at] switch
        {
            ':' or '：' or '→' or '⇒' or '–' or '—' => Labelled(at + 1),
            '-' or '=' when next == '>' => Labelled(at + 2),
            '-' when choice && next == ' ' => Labelled(at + 1),
            '.' when next is '*' or '}' or '_' => Labelled(at + 1),
            '=' when next != '=' && !IsVariable(said, noun) => Labelled(at + 1),
            '|' when said[LineStart(said, noun)] == '|' => Labelled(at + 1),
            _ => null,
        };
    }

    /// <summary>Whether the noun may be a variable in code: "answer = x", "final_answer = x".</summary>
    private static bool IsVariable(string said, int noun)
    {
        bool spoken = char.IsUpper(said[noun]) || Words.Before(said, noun, 1, "\n") is ["final" or "the" or "our" or "my" or "correct"];
        return !spoken || (noun > 0 && said[noun - 1] == '_');
    }

    private static AnswerCue Labelled(int value) => new(CueForm.Labelled, value, IsFinal: false);

    private static AnswerCue? Chinese(string said, int at, string word)
    {
        int value = at;
        while (value < said.Length && "应该就当是为為选選".Contains(said[value], StringComparison.Ordinal))
            value++;
        // "选" is a verb itself.
        bool leads = value > at || word is not ("答案" or "选项");
        return leads ? new AnswerCue(CueForm.Stated, value, IsFinal: false) : null;
    }

    /// <summary>Goes through the words of a sentence to its copula.</summary>
    private static AnswerCue? Verb(string said, int at)
    {
        bool leading = false, filler = false, denied = false;
        int limit = Math.Min(said.Length, at + Reach);
        while (at < limit)
        {
            int end = Words.End(said, at);
            if (end == at)
            {
                bool passes = IsMark(said[at]) || char.IsWhiteSpace(said[at]) || said[at] == ',' || filler;
                // "the answer in the form: a/b" is an instruction.
                if (said[at] is ':')
                    return filler && Words.Before(said, at, 1, ".\n") is not ["form" or "format"] ? Labelled(at + 1) : null;
                if (!passes || said[at] is '.' or '!' or '?' or ';' || (said[at] == '\n' && at + 1 < limit && said[at + 1] == '\n'))
                    return null;
                if (said[at] == '(' && filler && said.IndexOf(')', at, Math.Min(3, said.Length - at)) >= 0)
                    return null;
                at++;
                continue;
            }

            string word = Words.At(said, at, end);
            if (s_hedges.Contains(word) || s_breakers.Contains(word) || (word == "would" && ClauseBefore.IsConditional(said, at)))
                return null;
            denied |= s_negations.Contains(word);
            // "the answer that we are looking for is"
            if (filler && word == "are" && Words.Before(said, at, 1, ".\n") is ["we" or "you" or "they"])
            {
                at = end;
                continue;
            }

            if (s_copulas.Contains(word) || word is "isn't" or "aren't" || (leading && word == "to"))
                return Value(said, end, denied);
            leading |= s_leading.Contains(word);
            filler |= s_fillers.Contains(word) && !leading;
            if (!filler && !leading && !denied && !s_adverbs.Contains(word))
                return null;
            at = end;
        }

        return null;
    }

    /// <summary>Behind the copula.</summary>
    private static AnswerCue? Value(string said, int at, bool denied)
    {
        while (true)
        {
            int word = SkipMarks(said, at), end;
            while (word < said.Length && said[word] == ',')
                word = SkipMarks(said, word + 1);
            end = Words.End(said, word);
            string text = end > word && end - word < 12 ? Words.At(said, word, end) : "";
            if (s_hedges.Contains(text))
                return null;
            denied |= s_negations.Contains(text);
            bool passes = s_negations.Contains(text) || s_adverbs.Contains(text);
            at = passes ? end : word;
            if (!passes)
                break;
        }

        int value = SkipMarks(said, at);
        if (denied)
        {
            int? instead = Instead(said, value);
            return new AnswerCue(instead is null ? CueForm.Denied : CueForm.Stated, instead ?? at, IsFinal: false);
        }

        return value < said.Length && said[value] is ':' or '：' ? Labelled(value + 1) : new AnswerCue(CueForm.Stated, at, IsFinal: false);
    }

    /// <summary>"... not A but B".</summary>
    private static int? Instead(string said, int at)
    {
        const string But = " but ";
        ReadOnlySpan<char> sentence = said.AsSpan(at, Math.Min(60, said.Length - at));
        int but = sentence.IndexOf(But, StringComparison.Ordinal), stop = sentence.IndexOfAny('\n', ';', '?');
        if (but < 0 || (stop >= 0 && stop < but))
            return null;
        at += but + But.Length;
        return Words.StandsAt(said, at, "rather ") ? at + "rather ".Length : at;
    }

    /// <summary>Whether the line holds nothing before the noun but what headings hold: "### 3. **Final ".</summary>
    private static bool IsHeading(string said, int noun)
    {
        int at = LineStart(said, noun);
        if (noun - at > Reach)
            return false;
        while (at < noun)
        {
            int end = Words.End(said, at);
            bool command = at > 0 && said[at - 1] == '\\';
            if (end > at && !command && !s_headings.Contains(Words.At(said, at, end)))
                return false;
            at = Math.Max(end, at + 1);
        }

        return true;
    }

    private static int LineStart(string said, int at) => at == 0 ? 0 : said.LastIndexOf('\n', at - 1) + 1;

    /// <summary>Goes past a remark behind the noun, "answer (in cm)", but not past "answer (a)".</summary>
    private static int SkipRemark(string said, int at)
    {
        if (at == said.Length || said[at] is not ('(' or '['))
            return at;
        ReadOnlySpan<char> rest = said.AsSpan(at, Math.Min(60, said.Length - at));
        int close = rest.IndexOfAny(')', ']', '\n');
        return close > 3 && rest[close] != '\n' ? SkipMarks(said, at + close + 1) : at;
    }

    private static int SkipMarks(string said, int at)
    {
        while (at < said.Length && (said[at] is ' ' or '\t' || IsMark(said[at])))
            at++;
        return at;
    }

    private static bool IsMark(char letter) => letter is '*' or '_' or '`' or '"' or '\'' or '”' or '’' or '}' or ')' or ']';
}
