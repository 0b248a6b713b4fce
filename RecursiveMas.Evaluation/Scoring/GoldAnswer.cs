using RecursiveMas.Shared;

namespace RecursiveMas.Scoring;

/// <summary>The part of a gold answer that is compared.</summary>
internal static class GoldAnswer
{
    private const string Mark = "####";

    /// <summary>Everything behind the first mark of a word problem, if there is something; otherwise the text.</summary>
    public static string Of(string gold, AnswerComparison comparison)
    {
        int mark = comparison == AnswerComparison.WordProblem ? gold.IndexOf(Mark, StringComparison.Ordinal) : -1;
        return mark >= 0 && TextTrim.Both(gold[(mark + Mark.Length)..]) is { Length: > 0 } marked ? marked : TextTrim.Both(gold);
    }
}
