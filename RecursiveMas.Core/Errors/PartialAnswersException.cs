namespace RecursiveMas;

/// <summary>Some questions of a batch failed; the others have their answers, which this exception carries.</summary>
public class PartialAnswersException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="answers">One entry a question, in order: the answer, or null where the question failed.</param>
    /// <param name="failures">What went wrong, by the question's place from 0. Not empty.</param>
    public PartialAnswersException(IReadOnlyList<MasAnswer?> answers, IReadOnlyDictionary<int, RecursiveMasException> failures)
        : base(Describe(answers, failures), failures.First().Value)
    {
        Answers = answers;
        Failures = failures;
    }

    /// <summary>One entry a question, in order: the answer, or null where the question failed.</summary>
    public IReadOnlyList<MasAnswer?> Answers { get; }

    /// <summary>What went wrong, by the question's place from 0.</summary>
    public IReadOnlyDictionary<int, RecursiveMasException> Failures { get; }

    private static string Describe(IReadOnlyList<MasAnswer?> answers, IReadOnlyDictionary<int, RecursiveMasException> failures)
    {
        KeyValuePair<int, RecursiveMasException> first = failures.MinBy(failure => failure.Key);
        return $"{failures.Count} of {answers.Count} questions failed, the first of them number {first.Key + 1}: {first.Value.Message} " +
               $"The answers of the others are in {nameof(Answers)}.";
    }
}
