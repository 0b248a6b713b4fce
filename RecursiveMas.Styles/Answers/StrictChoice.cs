using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>The letter that a text commits to: in its last box, else in a phrase, else as a line of its own. A letter inside prose is none.</summary>
internal static class StrictChoice
{
    public static ExtractedAnswer? Find(string said, OfferedLetters letters)
    {
        AnswerBox? box = BoxScanner.Last(said);
        if (box is not null && (LetterReader.Read(box.Content, 0, letters) ?? Phrased(box.Content, 0, letters, out _)) is { } boxed)
            return Answer(boxed, AnswerSource.Box);

        // Behind a box without a letter the writer may still commit; what was said before it has been overtaken.
        if (Phrased(said, box?.End ?? 0, letters, out bool spoken) is { } phrased)
            return Answer(phrased, AnswerSource.Phrase);
        return box is null && !spoken && OptionLine.Find(said, letters) is { } option ? Answer(option, AnswerSource.WholeText) : null;
    }

    /// <summary>From the end backwards, so that later words overtake earlier ones.</summary>
    /// <param name="said">The text.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="letters">What the question offers.</param>
    /// <param name="spoken">Whether the text speaks of its answer, readable or not.</param>
    private static char? Phrased(string said, int from, OfferedLetters letters, out bool spoken)
    {
        char? judged = null;
        string denied = "";
        spoken = false;
        foreach (AnswerCue cue in AnswerCues.FromLast(said, from, choice: true))
        {
            spoken = true;
            if (cue.Form == CueForm.TakenBack)
                return judged;
            char? letter = cue.Form == CueForm.Judged ? letters.Normalize(said[cue.Value]) : Letter(said, cue.Value, letters);
            if (cue.Form == CueForm.Denied)
            {
                denied += letter;
            }
            else if (cue.Form == CueForm.Judged && letter is not null)
            {
                // Two options that are called correct are no choice.
                if (judged is not null && judged != letter)
                    return null;
                judged = letter;
            }
            else if (letter is { } read)
            {
                return judged ?? (denied.Contains(read, StringComparison.Ordinal) ? null : read);
            }
            else if (LetterReader.Read(said, cue.Value, OfferedLetters.Any) is not null && cue.Form != CueForm.Judged)
            {
                // A letter that the question does not offer is no answer, but overtakes what was said before.
                return judged;
            }
            else if (cue.IsFinal && PythonText.SkipSpace(said, cue.Value) < said.Length)
            {
                return judged;
            }
        }

        return judged;
    }

    private static char? Letter(string said, int at, OfferedLetters letters) =>
        OptionLine.BeginsList(said, at, letters) ? null : LetterReader.Read(said, at, letters) ?? LetterReader.ReadAtEnd(said, at, letters);

    private static ExtractedAnswer Answer(char letter, AnswerSource source) => new(letter.ToString(), source);
}
