namespace RecursiveMas.Answers;

/// <summary>The letter that a text commits to: in its last box, else in a phrase, else as the whole text. A letter inside prose is none.</summary>
internal static class StrictChoice
{
    public static ExtractedAnswer? Find(string said)
    {
        AnswerBox? box = BoxScanner.Last(said);
        if (box is not null && LetterReader.Read(box.Content, 0) is { } boxed)
            return Answer(boxed, AnswerSource.Box);

        // Behind a box without a letter the writer may still commit; what was said before it has been overtaken.
        if (AnswerPhrases.LastLetter(said, box?.End ?? 0) is { } phrased)
            return Answer(phrased, AnswerSource.Phrase);
        return box is null && LetterReader.ReadOption(said) is { } whole ? Answer(whole, AnswerSource.WholeText) : null;
    }

    private static ExtractedAnswer Answer(char letter, AnswerSource source) => new(letter.ToString(), source);
}
