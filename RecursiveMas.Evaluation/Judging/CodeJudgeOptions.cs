using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How programs are tried. Values out of range raise <see cref="InvalidOptionException"/> where they are set.</summary>
public sealed record CodeJudgeOptions
{
    /// <summary>Longest time of a script of assertions, in whole seconds, at least 1. The option mbppplus_timeout_s. Default: 10.</summary>
    public int ScriptSeconds { get; init => field = Given.AtLeast(1, value, nameof(ScriptSeconds)); } = 10;

    /// <summary>Longest time of one input, in whole seconds, at least 1. The option lcb_timeout_s. Default: 6.</summary>
    public int CaseSeconds { get; init => field = Given.AtLeast(1, value, nameof(CaseSeconds)); } = 6;

    /// <summary>Programs tried at once, at least 1. Default: the number of processors.</summary>
    public int MaxConcurrency { get; init => field = Given.AtLeast(1, value, nameof(MaxConcurrency)); } = Environment.ProcessorCount;

    /// <summary>
    /// Whether what a program hands to a script of assertions counts as the data that it is, numbers, texts, containers, and not as what its classes say
    /// when they are asked: then an object that claims to equal everything equals nothing, and no result can reckon as it likes. For scripts that look at the
    /// results of a function; in those that name more of the program, as tests of a class do, its objects keep their arithmetic, but equal no plain value.
    /// Functions that are called with JSON are always judged so. Default: false, as in a process that program and script share.
    /// </summary>
    public bool ResultsAreData { get; init; }

    /// <summary>
    /// Interpreter and limits of each trial; its time limit, prelude and echo are the judge's own, and the sandbox is always required. Default: 2 GiB of
    /// memory, 64 processes, 256 MiB of files.
    /// Tests of MBPP+ need an interpreter with numpy.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public PythonOptions Python { get; init => field = Given.NotNull(value, nameof(Python)); } = new()
    {
        MaxMemoryBytes = 2L << 30,
        MaxProcesses = 64,
        MaxFileBytes = 256 << 20,
        MaxFolderBytes = 256 << 20,
    };
}
