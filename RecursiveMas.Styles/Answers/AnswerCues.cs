using System.Buffers;
using System.Text;

namespace RecursiveMas.Answers;

/// <summary>How a writer speaks of the answer.</summary>
internal enum CueForm
{
    /// <summary>"The answer is ...".</summary>
    Stated,

    /// <summary>Behind a colon, below a heading, between tags, in the next cell of a table: what stands there is the answer.</summary>
    Labelled,

    /// <summary>"The answer is not ...".</summary>
    Denied,

    /// <summary>"(B) is correct".</summary>
    Judged,

    /// <summary>"Wait, that is wrong": what was said before no longer counts.</summary>
    TakenBack,
}

/// <summary>A place where a writer speaks of the answer.</summary>
/// <param name="Form">How.</param>
/// <param name="Value">Where the value begins, white space and marks before it included.</param>
/// <param name="IsFinal">Whether the writer calls it final.</param>
internal readonly record struct AnswerCue(CueForm Form, int Value, bool IsFinal);

/// <summary>Finds the places where a writer speaks of the answer. Answers that are supposed, guessed at or somebody else's are none.</summary>
internal static class AnswerCues
{
    // No reader goes back farther; with it the time does not depend on how much each of them makes one read.
    private const int Most = 500;

    private delegate AnswerCue? Reading(string said, int at, string word, bool choice);

    private static readonly (string Word, bool ChoiceOnly, Reading Take)[] s_cues =
    [
        ("answer", false, NounCue.Read), ("ans:", false, Abbreviation), ("ans.", false, Abbreviation), ("####", false, LastLine),
        ("result", false, NounCue.ReadIfFinal), ("value", false, NounCue.ReadIfFinal), ("solution", false, NounCue.ReadIfFinal),
        ("答案", false, NounCue.Read), ("选项", true, NounCue.Read), ("故选", true, NounCue.Read), ("应选", true, NounCue.Read),
        ("选择", true, NounCue.Read), ("选", true, NounCue.Read),
        ("wait", false, Retraction), ("scratch that", false, Retraction), ("i made a", false, Retraction),
        ("choice", true, NounCue.Read), ("option", true, NounCue.Read), ("letter", true, NounCue.Read),
        ("choose", true, ChoiceCue.Choosing), ("chose", true, ChoiceCue.Choosing), ("pick", true, ChoiceCue.Choosing), ("select", true, ChoiceCue.Choosing),
        ("go with", true, ChoiceCue.Choosing), ("going with", true, ChoiceCue.Choosing),
        ("is correct", true, ChoiceCue.Verdict), ("is right", true, ChoiceCue.Verdict), ("is the", true, ChoiceCue.Verdict),
        ("therefore", true, ChoiceCue.Conclusion), ("thus", true, ChoiceCue.Conclusion), ("hence", true, ChoiceCue.Conclusion),
        ("actually", true, ChoiceCue.Conclusion), ("no,", true, ChoiceCue.Conclusion), ("it is", true, ChoiceCue.Conclusion),
        ("it's", true, ChoiceCue.Conclusion), ("it must be", true, ChoiceCue.Conclusion), ("it has to be", true, ChoiceCue.Conclusion),
        ("this leaves", true, ChoiceCue.Conclusion),
    ];

    // Words of one script each: a search for both at once cannot be vectorised.
    private static readonly SearchValues<string> s_math = Search(cue => !cue.ChoiceOnly && Ascii.IsValid(cue.Word));
    private static readonly SearchValues<string> s_choice = Search(cue => Ascii.IsValid(cue.Word));
    private static readonly SearchValues<string> s_chinese = Search(cue => !Ascii.IsValid(cue.Word));

    /// <summary>The places, from the last one back to the first.</summary>
    /// <param name="said">The text.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="choice">Whether the answer is one of several options.</param>
    public static IEnumerable<AnswerCue> FromLast(string said, int from, bool choice)
    {
        int read = 0;
        var places = new List<int>();
        Collect(said, from, choice ? s_choice : s_math, places);
        int latin = places.Count;
        Collect(said, from, s_chinese, places);
        if (places.Count > latin)
            places.Sort();
        for (int place = places.Count - 1; place >= 0; place--)
        {
            int at = places[place];
            foreach ((string word, bool choiceOnly, Reading take) in s_cues)
            {
                if ((choice || !choiceOnly) && Words.StandsAt(said, at, word) && Words.Begins(said, at) && take(said, at, word, choice) is { } cue)
                {
                    yield return cue;
                    read++;
                    break;
                }
            }

            if (read == Most)
                yield break;
        }
    }

    private static SearchValues<string> Search(Func<(string Word, bool ChoiceOnly, Reading Take), bool> wanted) =>
        SearchValues.Create([.. s_cues.Where(wanted).Select(cue => cue.Word)], StringComparison.OrdinalIgnoreCase);

    private static void Collect(string said, int from, SearchValues<string> words, List<int> places)
    {
        while (said.AsSpan(from).IndexOfAny(words) is >= 0 and int next)
        {
            places.Add(from + next);
            from += next + 1;
        }
    }

    private static AnswerCue? Abbreviation(string said, int at, string word, bool choice) => new(CueForm.Labelled, at + word.Length, IsFinal: false);

    /// <summary>"#### 12" as the last line.</summary>
    private static AnswerCue? LastLine(string said, int at, string word, bool choice)
    {
        int value = at + word.Length;
        bool alone = (at == 0 || said[at - 1] == '\n') && value < said.Length && said[value] == ' ';
        return alone && !said.AsSpan(value).TrimEnd().Contains('\n') ? new AnswerCue(CueForm.Labelled, value, IsFinal: false) : null;
    }

    /// <summary>"Wait, no", "wait, that is not right", "scratch that", "I made a mistake".</summary>
    private static AnswerCue? Retraction(string said, int at, string word, bool choice)
    {
        var taken = new AnswerCue(CueForm.TakenBack, at, IsFinal: false);
        if (word.StartsWith("scratch", StringComparison.Ordinal))
            return taken;
        string[] next = Words.Next(said, at + word.Length, 5);
        if (word == "wait")
        {
            bool refused = next is ["no", ..] || Words.Before(said, at, 1, ".\n") is ["no"];
            bool judges = next is ["that" or "that's" or "this" or "it" or "it's", ..];
            return refused || (judges && next.Any(w => w is "wrong" or "incorrect" or "not" or "isn't" or "can't" or "cannot")) ? taken : null;
        }

        return next.Take(3).Any(w => w is "mistake" or "error" or "slip") ? taken : null;
    }
}
