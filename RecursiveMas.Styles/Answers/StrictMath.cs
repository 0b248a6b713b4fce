using RecursiveMas.Shared;

namespace RecursiveMas.Answers;

/// <summary>The value that a text commits to: in its last box, else behind its last phrase or heading.</summary>
internal static class StrictMath
{
    public static ExtractedAnswer? Find(string said)
    {
        if (BoxScanner.Last(said) is { } box)
            return Answer(Wrapping.Remove(box.Content), AnswerSource.Box);
        return Phrased(said) is { } value ? Answer(value, AnswerSource.Phrase) : null;
    }

    /// <summary>From the end backwards, so that later words overtake earlier ones.</summary>
    private static string? Phrased(string said)
    {
        var denied = new List<string>();
        foreach (AnswerCue cue in AnswerCues.FromLast(said, 0, choice: false))
        {
            if (cue.Form == CueForm.TakenBack)
                return null;
            string? value = ValueReader.Read(said, cue.Value, cue.Form == CueForm.Labelled);
            if (cue.Form == CueForm.Denied && value is { Length: > 0 })
                denied.Add(value);
            else if (cue.Form != CueForm.Denied && value is { Length: > 0 })
                return denied.Contains(value) ? null : value;
            else if (value is null && cue is { IsFinal: true, Form: CueForm.Labelled })
                return null;
        }

        return null;
    }

    private static ExtractedAnswer? Answer(string value, AnswerSource source) => value.Length > 0 ? new ExtractedAnswer(value, source) : null;
}
