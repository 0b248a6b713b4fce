using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>Answers as a careful reader finds them: what is not a committed answer is none.</summary>
internal static class StrictExtraction
{
    public static ExtractedAnswer? From(string text, MasQuestion question)
    {
        string said = SaidText.Of(text);
        return question.Kind switch
        {
            TaskKind.Choice => StrictChoice.Find(said, OfferedLetters.In(question.Text)),
            TaskKind.Code => StrictCode.Find(said, question),
            TaskKind.Free => PythonText.Strip(said) is { Length: > 0 } whole ? new ExtractedAnswer(whole, AnswerSource.WholeText) : null,
            _ => StrictMath.Find(said),
        };
    }
}
