namespace RecursiveMas;

/// <summary>The results of a run: all variants with what they came to, and what the run was made of.</summary>
public sealed record EvaluationResult
{
    /// <summary>What the run was made of.</summary>
    public required RunManifest Manifest { get; init; }

    /// <summary>The variants in the order of the plan; the first is the one that is meant, with which others are compared.</summary>
    public required IReadOnlyList<VariantResult> Variants { get; init; }

    /// <summary>Reads the results of a run from its folder; variants that are not complete are left out.</summary>
    /// <param name="folder">Folder of a run.</param>
    /// <exception cref="ResultsException">There are none, or a file is not as a run writes it.</exception>
    /// <exception cref="CheckpointException">A file cannot be read.</exception>
    public static EvaluationResult Load(string folder) => Runs.RunFolder.Load(folder);
}

/// <summary>The results of one variant.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Questions">What became of each question, in their order.</param>
/// <param name="Summary">What it came to.</param>
public sealed record VariantResult(EvaluationVariant Variant, IReadOnlyList<QuestionResult> Questions, VariantSummary Summary);
