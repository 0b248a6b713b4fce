namespace RecursiveMas.Answers;

/// <summary>Reads values that are words, and values out of sentences that stand behind a label.</summary>
internal static class WordValue
{
    private const int MostWords = 3;

    /// <summary>A value in words: a name, a date, "yes", "no solution"; behind a label any few words.</summary>
    public static string? Read(ValueSentence sentence, int from, bool labelled)
    {
        if (from >= sentence.Count || sentence[from][0] is '[' or '<')
            return null;
        string first = sentence.Word(from);
        int end = from;
        bool known = true, dated = true;
        for (; end < sentence.Count && !ValueWords.Ends.Contains(sentence.Word(end)) && sentence[end][0] != '(' && !ValueToken.IsOrnament(sentence[end]); end++)
        {
            string word = sentence.Word(end);
            bool formula = sentence.IsFormula(end);
            if (end > from && (known || (!formula && !labelled)) && sentence[end - 1][^1] == ',')
                break;
            known &= !formula && (ValueWords.Known.Contains(word) || ValueWords.IsNumber(word) || (end > from && ValueWords.IsNumber(first)));
            dated &= formula == end > from;
            if (ValueWords.Conditions.Contains(word) || ValueWords.Excuses.Contains(word) || (formula && !dated))
                return null;
        }

        if (end == from || end > from + MostWords || IsCutOff(sentence, from, end))
            return null;
        bool capital = sentence[from].TrimStart("*_\"'“`") is [>= 'A' and <= 'Z', ..];
        bool name = capital && !ValueWords.Introductions.Contains(first) && !ValueWords.Joints.Contains(first);
        bool said = labelled && end == sentence.Count && first.Length > 0 && !sentence.IsFormula(end - 1);
        return known || name || said ? sentence.Text(from, end) : null;
    }

    /// <summary>The value in a sentence behind a label: behind its verb, else its only formula, else the only one in bold.</summary>
    public static string? ReadSentence(ValueSentence sentence)
    {
        int verb = -1, verbs = 0;
        var formulas = new List<(int Start, int End)>();
        for (int token = 0; token < sentence.Count; token++)
        {
            string word = sentence.Word(token);
            bool goesOn = token > 0 && sentence.IsFormula(token - 1);
            if (ValueWords.Doubts.Contains(word) || ValueWords.Conditions.Contains(word))
                return null;
            if (ValueWords.Verbs.Contains(word) || (sentence[token] is "=" && !goesOn))
                (verb, verbs) = (token, verbs + 1);
            else if (sentence.IsFormula(token) && goesOn && formulas.Count > 0)
                formulas[^1] = (formulas[^1].Start, token + 1);
            else if (sentence.IsFormula(token))
                formulas.Add((token > 0 && sentence.IsSign(token - 1) ? token - 1 : token, token + 1));
        }

        if (verbs > 1 || ValueWords.Openers.Contains(sentence.Word(0)))
            return null;
        if (verbs == 1 && (ValueReader.Formula(sentence, verb + 1) ?? Read(sentence, verb + 1, labelled: false)) is { } value)
            return value;
        if (formulas.Count > 1)
            formulas.RemoveAll(formula => !sentence[formula.Start].StartsWith("**"));
        return formulas is [(int start, int end)] && sentence.Text(start, end) is var only && only.AsSpan().ContainsAnyInRange('0', '9') ? only : null;
    }

    /// <summary>Whether words are only the beginning of something: "one of them", "no such number", "Evelyn is".</summary>
    private static bool IsCutOff(ValueSentence sentence, int from, int end)
    {
        bool goesOn = end < sentence.Count;
        return sentence.Word(from) switch
        {
            "one" => end > from + 1,
            "no" or "all" or "both" when goesOn && sentence[end - 1][^1] != ',' => true,
            _ => goesOn && ValueWords.Verbs.Contains(sentence.Word(end)),
        };
    }
}
