using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>Questions with all that identifies where they come from.</summary>
/// <param name="Name">Short name of the data set, lower case: "math500", "gpqa"; of own questions the name of their file.</param>
/// <param name="Source">Where the questions come from.</param>
/// <param name="Questions">The questions in the order in which they are asked, after selection.</param>
public sealed record QuestionSet(string Name, QuestionSource Source, IReadOnlyList<EvaluationQuestion> Questions)
{
    /// <summary>Short name of the data set.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Name { get; init => field = Given.NotNull(value, nameof(Name)); } = Given.NotNull(Name);

    /// <summary>Where the questions come from.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public QuestionSource Source { get; init => field = Given.NotNull(value, nameof(Source)); } = Given.NotNull(Source);

    /// <summary>The questions in the order in which they are asked.</summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<EvaluationQuestion> Questions { get; init => field = Given.AllNotNull(value, nameof(Questions)); }
        = Given.AllNotNull(Questions, nameof(Questions));

    /// <summary>Faults of the data found on reading, of the selected questions: wrong gold answers, rows without tests. Default: none.</summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<DataFault> Faults { get; init => field = Given.AllNotNull(value, nameof(Faults)); } = [];

    /// <summary>Questions in the data set before selection. Default: 0, not known.</summary>
    public int Available { get; init; }

    /// <summary>What was added to the published questions, and in whose words. Default: the library's own.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public QuestionWording Wording { get; init => field = Given.NotNull(value, nameof(Wording)); } = QuestionWording.Own;
}

/// <summary>Where questions come from.</summary>
/// <param name="Location">Hub repository ("HuggingFaceH4/MATH-500") or path of a local file.</param>
/// <param name="Split">The split: "test", "train".</param>
public sealed record QuestionSource(string Location, string Split)
{
    /// <summary>Configuration (subset) of the data set; null if it has one only.</summary>
    public string? Configuration { get; init; }

    /// <summary>Commit of the repository, 40 hexadecimal digits; null for local files.</summary>
    public string? Revision { get; init; }

    /// <summary>The files that were read, in order. Default: none.</summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<QuestionFile> Files { get; init => field = Given.AllNotNull(value, nameof(Files)); } = [];
}

/// <summary>A file of questions.</summary>
/// <param name="Path">Path in the repository, or of the local file.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">SHA-256 of its content, 64 hexadecimal digits in lower case.</param>
public sealed record QuestionFile(string Path, long Size, string Sha256);

/// <summary>A fault of a row of a data set.</summary>
/// <param name="QuestionId"><see cref="EvaluationQuestion.Id"/> of the question.</param>
/// <param name="Field">The field at fault: "gold", "tests", "question".</param>
/// <param name="Message">What is wrong, and what was made of it.</param>
public sealed record DataFault(string QuestionId, string Field, string Message);
