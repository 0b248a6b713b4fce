namespace RecursiveMas.Answers;

/// <summary>What the clause says before it comes to the answer.</summary>
internal static class ClauseBefore
{
    private const string Ends = ".!?;,:\n()（）。，：；";

    private static readonly HashSet<string> s_hedges = Words.Set(
        "if whether suppose supposing assume assuming imagine unless maybe perhaps possibly probably doubt not never no don't doesn't didn't "
        + "isn't cannot can't couldn't unsure unlikely could might may said says claimed claims thought believed expected");

    private static readonly HashSet<string> s_others = Words.Set(
        "wrong incorrect false other alternative possible potential candidate partial intermediate preliminary tentative initial "
        + "first second third previous earlier old student's another example sample");

    /// <summary>Directly in front: "an answer", "to answer".</summary>
    private static readonly HashSet<string> s_indefinite = Words.Set("an one each every any some to finally");

    /// <summary>Whether the clause supposes, guesses or denies, or speaks of another answer: "if the answer", "a wrong answer".</summary>
    public static bool RulesOut(string said, int noun)
    {
        string[] words = Words.Before(said, noun, 10, Ends);
        return words.Take(2).Any(s_others.Contains) || (words.Length > 0 && s_indefinite.Contains(words[0])) || Hedges(words);
    }

    /// <summary>Whether the clause calls the answer final.</summary>
    public static bool IsFinal(string said, int noun) =>
        Words.Before(said, noun, 3, Ends).Contains("final") || (noun >= 2 && said.AsSpan(noun - 2, 2) is "最终");

    /// <summary>Whether the sentence, up to a place, has an "if": "If x were 3, the answer would be 5".</summary>
    public static bool IsConditional(string said, int at) => Words.Before(said, at, 20, ".!?\n").Contains("if");

    /// <summary>Whether somebody who decides is speaking: "I choose", "we select".</summary>
    public static bool IsDecision(string said, int verb)
    {
        string[] words = Words.Before(said, verb, 10, Ends);
        return words.Any(word => word is "i" or "we" or "i'd" or "i'll" or "i'm" or "i've" or "we'd" or "we'll") && !Hedges(words);
    }

    /// <summary>Whether words, the nearest first, hedge; what stands before a "but" does not.</summary>
    private static bool Hedges(string[] words) => words.TakeWhile(word => word != "but").Any(s_hedges.Contains);
}
