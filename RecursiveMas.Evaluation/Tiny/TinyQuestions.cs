using System.Globalization;
using RecursiveMas.Shared;
using RecursiveMas.Tiny;

namespace RecursiveMas;

/// <summary>Questions for the embedded tiny systems, as many as are wanted: of the kind that they were trained for, but not those of their training.</summary>
public static class TinyQuestions
{
    private static readonly Dictionary<string, (AnswerComparison Comparison, int Most, Func<Random, (string, string)> Draw)> s_systems =
        new(StringComparer.Ordinal)
        {
            // Relations lead to no more than about 1,200 questions that were not trained with.
            ["mixture_tiny"] = (AnswerComparison.Text, 1000, RelationQuestions.Draw),
            ["sequential_tiny"] = (AnswerComparison.Mathematics, 100_000, LedgerQuestions.Draw),
        };

    /// <summary>Names of the systems.</summary>
    public static IReadOnlyList<string> Systems => [.. s_systems.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Draws questions, none of them twice.</summary>
    /// <param name="system">"sequential_tiny": ledgers of one to nine months; "mixture_tiny": one to four relations.</param>
    /// <param name="count">How many, at least 1; at most 100,000 for sequential_tiny and 1,000 for mixture_tiny.</param>
    /// <param name="seed">The same seed draws the same questions. Default: 42.</param>
    /// <exception cref="InvalidOptionException">There is no such system, or there are not so many questions.</exception>
    public static QuestionSet Draw(string system, int count, int seed = 42)
    {
        ArgumentNullException.ThrowIfNull(system);
        if (!s_systems.TryGetValue(system, out (AnswerComparison Comparison, int Most, Func<Random, (string, string)> Draw) of))
        {
            throw new InvalidOptionException(
                nameof(system), $"'{ShownText.Of(system)}' is no embedded system with questions of its own. They are: {string.Join(", ", Systems)}.");
        }

        if (Given.AtLeast(1, count, nameof(count)) > of.Most)
        {
            throw new InvalidOptionException(
                nameof(count), string.Create(CultureInfo.InvariantCulture, $"{count} are more than {of.Most}, the most for {system}."));
        }


        var random = new Random(seed);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var questions = new List<EvaluationQuestion>(count);
        while (questions.Count < count)
        {
            (string text, string answer) = of.Draw(random);
            if (!seen.Add(text))
                continue;
            questions.Add(new EvaluationQuestion(questions.Count, questions.Count.ToString(CultureInfo.InvariantCulture), text)
            {
                Gold = answer,
                Comparison = of.Comparison,
            });
        }

        return new QuestionSet(
            system, new QuestionSource(string.Create(CultureInfo.InvariantCulture, $"drawn with seed {seed}"), "test"), questions) { Available = of.Most };
    }
}
