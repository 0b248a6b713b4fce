namespace RecursiveMas;

/// <summary>How far a run has come.</summary>
public sealed record EvaluationProgress
{
    /// <summary>The variant that runs.</summary>
    public required EvaluationVariant Variant { get; init; }

    /// <summary>Its place among all, from 1.</summary>
    public required int Place { get; init; }

    /// <summary>Number of variants.</summary>
    public required int Variants { get; init; }

    /// <summary>Questions of the variant that are done.</summary>
    public required int Done { get; init; }

    /// <summary>Number of questions.</summary>
    public required int Questions { get; init; }

    /// <summary>Those of <see cref="Done"/> that are right by the strict scorer.</summary>
    public required int StrictCorrect { get; init; }

    /// <summary>Those of <see cref="Done"/> that are right by the reference's scorer.</summary>
    public required int ReferenceCorrect { get; init; }

    /// <summary>Time since this session of the run began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>
    /// Estimated time to the end of the run: this variant goes on as it has gone, and those to come take as long a question. Null before the first question.
    /// </summary>
    public required TimeSpan? Remaining { get; init; }
}
