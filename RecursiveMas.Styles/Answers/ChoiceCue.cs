namespace RecursiveMas.Answers;

/// <summary>Ways to commit to an option without the word "answer".</summary>
internal static class ChoiceCue
{
    private const int Reach = 60;

    private static readonly HashSet<string> s_praise = Words.Set("correct right best most appropriate likely accurate only suitable final");
    private static readonly HashSet<string> s_leads = Words.Set("so therefore thus hence that only think believe conclude");
    private static readonly string[] s_nouns = ["option", "choice", "answer", "letter"];

    /// <summary>"I choose (B)".</summary>
    public static AnswerCue? Choosing(string said, int at, string word, bool choice)
    {
        int end = Words.End(said, at);
        string verb = Words.At(said, at, end);
        bool whole = word.Contains(' ', StringComparison.Ordinal) || verb is "choose" or "chose" or "chosen" or "pick" or "picked" or "select" or "selected";
        if (word.Contains(' ', StringComparison.Ordinal))
            end = at + word.Length;
        return whole && ClauseBefore.IsDecision(said, at) ? new AnswerCue(CueForm.Stated, end, IsFinal: false) : null;
    }

    /// <summary>"Therefore, B."</summary>
    public static AnswerCue? Conclusion(string said, int at, string word, bool choice)
    {
        int value = at + word.Length;
        if (value < said.Length && said[value] == ',')
            value++;
        bool concludes = value < said.Length && said[value] == ' ' && LetterReader.EndsSentence(said, value);
        return concludes ? new AnswerCue(CueForm.Stated, value, IsFinal: false) : null;
    }

    /// <summary>"Option (B) is correct", "B is the best answer".</summary>
    public static AnswerCue? Verdict(string said, int at, string word, bool choice)
    {
        int letter = SkipBack(said, at);
        // What the option says may stand in brackets behind it: "option B (aspirin) is correct".
        if (letter > 2 && said[letter] == ')' && said[letter - 2] != '(' && said.LastIndexOf('(', letter, Math.Min(letter, Reach)) is > 0 and int remark)
            letter = remark;
        while (letter > 0 && said[letter] is ' ' or '(' or ')' or ']')
            letter--;
        if (letter < 0 || !char.IsAsciiLetter(said[letter]) || !Words.Begins(said, letter) || !Approves(said, at, word))
            return null;
        return IsSubject(said, letter) ? new AnswerCue(CueForm.Judged, letter, IsFinal: false) : null;
    }

    private static int SkipBack(string said, int at)
    {
        int letter = at - 1;
        while (letter >= Math.Max(0, at - Reach) && " ]*_$\"”}'’".Contains(said[letter], StringComparison.Ordinal))
            letter--;
        return letter;
    }

    /// <summary>Whether the letter is all of which something is said: "option B", "B" at the start of a sentence, but not "vitamin B", "A and B".</summary>
    private static bool IsSubject(string said, int letter)
    {
        int before = letter;
        while (before > 0 && letter - before < Reach && " ([*_$\"“{'‘".Contains(said[before - 1], StringComparison.Ordinal))
            before--;
        string[] words = Words.Before(said, before, 2, ".!?;,:\n");
        bool named = words.Length > 0 && s_nouns.Contains(words[0]);
        string? lead = named ? words.ElementAtOrDefault(1) : words.ElementAtOrDefault(0);
        if (ClauseBefore.RulesOut(said, before) || lead is "and" or "or" or "nor" or "both" or "neither" or "is")
            return false;
        return named || (char.IsAsciiLetterUpper(said[letter]) && (lead is null || s_leads.Contains(lead)));
    }

    private static bool Approves(string said, int at, string word)
    {
        int end = at + word.Length;
        if (word == "is the")
        {
            string[] words = Words.Next(said, end, 5);
            int noun = Array.FindIndex(words, next => s_nouns.Contains(next) || next == "one");
            if (noun < 0 || !words.Take(noun).All(s_praise.Contains))
                return false;
            end = said.IndexOf(words[noun], end, StringComparison.OrdinalIgnoreCase) + words[noun].Length;
        }

        while (end < said.Length && said[end] is '*' or '_' or '"' or ')')
            end++;
        if (end == said.Length || said[end] is '.' or ',' or '!' or ';' or ':' or '\n' or '\r')
            return true;
        return said[end] == ' ' && Words.Next(said, end, 1) is ["because" or "since" or "as" or "for" or "given" or "due" or "here" or "to" or "in"];
    }
}
