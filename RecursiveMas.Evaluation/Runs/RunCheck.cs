using RecursiveMas.Shared;

namespace RecursiveMas.Runs;

/// <summary>Refuses a run that cannot come to its end, before it begins.</summary>
internal static class RunCheck
{
    /// <exception cref="InvalidOptionException">A setting does not fit the system or the questions.</exception>
    public static void Require(MasSystem system, QuestionSet set, EvaluationOptions options, IReadOnlyList<EvaluationVariant> variants)
    {
        if (set.Questions.Count == 0)
            throw new InvalidOptionException("questions", $"'{set.Name}' holds none. Select at least one.");
        if (set.Questions.GroupBy(question => question.Id, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidOptionException(
                "questions", $"two have the id '{ShownText.Of(twice.Key)}', by which their random numbers differ. Give each its own.");
        }


        if (variants.GroupBy(variant => variant).FirstOrDefault(group => group.Count() > 1) is { } same)
            throw new InvalidOptionException(nameof(EvaluationOptions.Variants), $"'{same.Key}' stands there twice. Leave one out.");
        if (options.BatchSize > system.Options.MaxConcurrency)
        {
            throw new InvalidOptionException(
                nameof(EvaluationOptions.BatchSize),
                $"{options.BatchSize} questions at once are more than the {system.Options.MaxConcurrency} that the system was loaded for. Load it with " +
                $"{nameof(MasOptions)}.{nameof(MasOptions.MaxConcurrency)} = {options.BatchSize}.");
        }

        if (variants.Any(variant => variant.Method == EvaluationMethod.Shuffled) && (options.BatchSize < 3 || set.Questions.Count < 2))
        {
            throw new InvalidOptionException(
                nameof(EvaluationOptions.BatchSize),
                $"'{EvaluationMethod.Shuffled}' gives each question the thoughts of another that runs beside it: that takes at least 2 questions and a batch " +
                $"size of at least 3, not {set.Questions.Count} and {options.BatchSize}.");
        }

        if (options.CodeJudge is null && set.Questions.Any(question => question.Kind == TaskKind.Code && question.Tests is not null))
        {
            throw new InvalidOptionException(
                nameof(EvaluationOptions.CodeJudge), $"'{set.Name}' asks for programs, which somebody has to try. Give a judge.");
        }

        TaskKind[] lacking = [.. set.Questions.Select(question => question.Kind).Distinct().Except(system.Kinds)];
        if (lacking.Length > 0)
        {
            throw new InvalidOptionException(
                "questions",
                $"'{set.Name}' holds questions of the kind {lacking[0]}, for which {system.Style.Name} has no prompts. It has: " +
                $"{string.Join(", ", system.Kinds)}.");
        }
    }
}
