using RecursiveMas.Scoring.Reference;
using RecursiveMas.Scoring.Strict;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>Compares what agents wrote with the gold answers of a data set, by two sets of rules.</summary>
public static class AnswerScorer
{
    /// <summary>Scores a text by the rules of the reference implementation and by the strict ones.</summary>
    /// <param name="output">What the last agent wrote.</param>
    /// <param name="gold">The gold answer as the data set gives it: a letter for choices, text with or without "####" for word problems.</param>
    /// <param name="comparison">How the answers of the set are compared.</param>
    /// <exception cref="ArgumentNullException">There is no text or no gold answer.</exception>
    /// <exception cref="InvalidOptionException">There is no such comparison.</exception>
    /// <returns>Both verdicts. Takes bounded time and memory, whatever the texts hold.</returns>
    public static AnswerScore Score(string output, string gold, AnswerComparison comparison) => new(
        ScoreAsReference(output, gold, comparison),
        ScoreStrictly(output, gold, comparison));

    /// <summary>
    /// Scores the answer to a question by both sets of rules, each against its own gold answer. Strictly, letters beyond D count if the question offers them.
    /// </summary>
    /// <param name="output">What the last agent wrote.</param>
    /// <param name="question">The question, with its gold answers and how they are compared.</param>
    /// <exception cref="ArgumentNullException">There is no text or no question.</exception>
    /// <exception cref="InvalidOptionException">The question has no gold answer, or none that is compared.</exception>
    /// <returns>Both verdicts.</returns>
    public static AnswerScore Score(string output, EvaluationQuestion question)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(question);
        if (question is not { Comparison: { } comparison, Gold: { } gold, ReferenceGold: { } referenceGold })
            throw new InvalidOptionException(nameof(question), $"question '{ShownText.Of(question.Id)}' has no gold answer to compare with.");
        return new AnswerScore(
            ReferenceScorer.Score(output, referenceGold, Given.Defined(comparison, nameof(comparison))),
            StrictScorer.Score(output, gold, comparison, question.Text));
    }

    /// <summary>Scores a text as the reference implementation does. An unreadable choice counts as A.</summary>
    /// <param name="output">What the last agent wrote.</param>
    /// <param name="gold">The gold answer as the data set gives it.</param>
    /// <param name="comparison">How the answers of the set are compared.</param>
    /// <exception cref="ArgumentNullException">There is no text or no gold answer.</exception>
    /// <exception cref="InvalidOptionException">There is no such comparison.</exception>
    /// <returns>The verdict.</returns>
    public static ScoreVerdict ScoreAsReference(string output, string gold, AnswerComparison comparison)
    {
        Check(output, gold, comparison);
        return ReferenceScorer.Score(output, gold, comparison);
    }

    /// <summary>Scores a text strictly. An unreadable answer is wrong, and so is one that cannot be decided.</summary>
    /// <param name="output">What the last agent wrote.</param>
    /// <param name="gold">The gold answer as the data set gives it.</param>
    /// <param name="comparison">How the answers of the set are compared.</param>
    /// <exception cref="ArgumentNullException">There is no text or no gold answer.</exception>
    /// <exception cref="InvalidOptionException">There is no such comparison.</exception>
    /// <returns>The verdict.</returns>
    public static ScoreVerdict ScoreStrictly(string output, string gold, AnswerComparison comparison)
    {
        Check(output, gold, comparison);
        return StrictScorer.Score(output, gold, comparison);
    }

    private static void Check(string output, string gold, AnswerComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(gold);
        Given.Defined(comparison, nameof(comparison));
    }
}
