namespace RecursiveMas.Answers;

/// <summary>Phrases by which a writer commits to an answer.</summary>
internal static class AnswerPhrases
{
    private static readonly string[] s_choiceNouns = ["choice", "option", "answer"];

    /// <summary>What stands behind the last "final answer:" or "final answer is", to the end of its line; null if there is no such phrase.</summary>
    public static string? LastFinalAnswer(string said)
    {
        int? last = null;
        for (int at = PythonText.Find(said, "answer", 0); at >= 0; at = PythonText.Find(said, "answer", at + 1))
        {
            if (IsFinal(said, at) && ValueBehind(said, at + "answer".Length) is { } value)
                last = value;
        }

        if (last is not { } found)
            return null;
        int start = SkipMarks(said, found), end = said.IndexOf('\n', start);
        return said[start..(end < 0 ? said.Length : end)];
    }

    /// <summary>
    /// Letter of the last "final choice: X", "the answer is X" and the like at or after a place. A final choice or answer that is no letter takes
    /// back what was said before it.
    /// </summary>
    public static char? LastLetter(string said, int from)
    {
        char? last = null;
        for (int at = from; at < said.Length; at++)
        {
            string? noun = null;
            foreach (string word in s_choiceNouns)
                noun ??= PythonText.StandsAt(said, at, word) ? word : null;
            if (noun is null || (at > 0 && PythonText.IsWord(said, at - 1)) || ValueBehind(said, at + noun.Length) is not { } value)
                continue;
            char? letter = LetterReader.Read(said, value);
            if (letter is not null || IsFinal(said, at))
                last = letter;
        }

        return last;
    }

    /// <summary>Where the value begins behind a noun that a colon, or the word "is", follows; null if neither does.</summary>
    private static int? ValueBehind(string said, int at)
    {
        if (PythonText.IsWord(said, at))
            return null;
        at = SkipMarks(said, at);
        bool verb = PythonText.StandsAt(said, at, "is") && !PythonText.IsWord(said, at + 2);
        if (verb)
            at = SkipMarks(said, at + 2);
        bool colon = at < said.Length && said[at] is ':' or '：';
        return verb || colon ? at + (colon ? 1 : 0) : null;
    }

    private static bool IsFinal(string said, int noun)
    {
        int end = noun;
        while (end > 0 && PythonText.IsSpace(said[end - 1]))
            end--;
        int start = end - "final".Length;
        return end < noun && start >= 0 && PythonText.StandsAt(said, start, "final") && (start == 0 || !PythonText.IsWord(said, start - 1));
    }

    private static int SkipMarks(string said, int at)
    {
        while (at < said.Length && (PythonText.IsSpace(said[at]) || said[at] == '*'))
            at++;
        return at;
    }
}
