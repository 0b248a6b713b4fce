using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How a data set is read. Values out of range raise <see cref="InvalidOptionException"/> where they are set.</summary>
public sealed record QuestionSetOptions
{
    /// <summary>The split. Default: null, the one with which the reference runs that data set; "test" for one that it does not know.</summary>
    public string? Split { get; init; }

    /// <summary>The configuration of a data set that has several. Default: null, the reference's; of others the default one.</summary>
    public string? Configuration { get; init; }

    /// <summary>Branch, tag or commit of the hub. Default: null, "main".</summary>
    public string? Revision { get; init; }

    /// <summary>Questions that are taken, from the front after shuffling; 0 or less for all. Default: 0.</summary>
    public int Count { get; init; }

    /// <summary>
    /// Whether the questions are shuffled before some are taken: as Python's generator does (MedQA, MBPP+, LiveCodeBench), or as the data-set library does
    /// (all others of the hub). Default: false, as in published runs.
    /// </summary>
    public bool Shuffle { get; init; }

    /// <summary>Seed of the order of questions and of GPQA's options, at least 0. Default: 42.</summary>
    public long Seed
    {
        get;
        init => field = value >= 0 ? value : throw new InvalidOptionException(nameof(Seed), $"{value} is not possible; at least 0 is needed.");
    } = 42;

    /// <summary>Whether GPQA's options are put into an order that depends on the seed; otherwise the right one is A. Default: true.</summary>
    public bool ShuffleChoices { get; init; } = true;

    /// <summary>Assertions that a question of MBPP+ shows. Default: 3.</summary>
    public int ExampleTests { get; init; } = 3;

    /// <summary>Whether LiveCodeBench's hidden tests are used too. They are unpacked when a program is tried. Default: false, as in published runs.</summary>
    public bool HiddenTests { get; init; }

    /// <summary>How answers to a data set of the hub without a short name are compared. Default: null, as texts, which is what the reference does.</summary>
    public AnswerComparison? Comparison { get; init; }

    /// <summary>What is added to questions. Default: <see cref="QuestionWording.Own"/>.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public QuestionWording Wording { get; init => field = Given.NotNull(value, nameof(Wording)); } = QuestionWording.Own;

    /// <summary>
    /// Local files (Parquet, JSON, JSON lines, CSV) that are read in place of the hub's, in this order; nothing is downloaded. Default: none.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<string> Files { get; init => field = Given.AllNotNull(value, nameof(Files)); } = [];

    /// <summary>Downloads; stays the caller's. Default: null, one with default options. Offline, only its cache is used.</summary>
    public HubClient? Hub { get; init; }

    /// <summary>Told how downloads come on. Default: null.</summary>
    public IProgress<DownloadProgress>? Progress { get; init; }
}
