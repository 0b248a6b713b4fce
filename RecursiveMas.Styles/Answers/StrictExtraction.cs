namespace RecursiveMas.Answers;

/// <summary>Answers as a careful reader finds them: what is not a committed answer is none.</summary>
internal static class StrictExtraction
{
    public static ExtractedAnswer? From(string text, TaskKind kind)
    {
        string said = SaidText.Of(text);
        return kind switch
        {
            TaskKind.Choice => StrictChoice.Find(said),
            TaskKind.Code => StrictCode.Find(said),
            TaskKind.Free => PythonText.Strip(said) is { Length: > 0 } whole ? new ExtractedAnswer(whole, AnswerSource.WholeText) : null,
            _ => Math(said),
        };
    }

    private static ExtractedAnswer? Math(string said)
    {
        if (BoxScanner.Last(said) is { } box)
            return Answer(box.Content, AnswerSource.Box);
        return AnswerPhrases.LastFinalAnswer(said) is { } value ? Answer(value, AnswerSource.Phrase) : null;
    }

    private static ExtractedAnswer? Answer(string value, AnswerSource source) =>
        Wrapping.Remove(value) is { Length: > 0 } bare ? new ExtractedAnswer(bare, source) : null;
}
