using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>How the trial of a program ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CodeOutcome>))]
public enum CodeOutcome
{
    /// <summary>All tests passed.</summary>
    Passed,

    /// <summary>A result is wrong.</summary>
    Failed,

    /// <summary>The program ended before all tests had been made: an exception, an exit, a crash, a limit other than time.</summary>
    Error,

    /// <summary>It took longer than it may.</summary>
    TimedOut,

    /// <summary>There is no program in the text.</summary>
    NoCode,

    /// <summary>There are no tests, or none that can be read: a fault of the data. Counts as wrong.</summary>
    NoTests,
}

/// <summary>What one set of rules says of one program.</summary>
/// <remarks>The fields from <see cref="AllPassed"/> to <see cref="Detail"/> are the object "eval" of the reference's results.</remarks>
public sealed record CodeVerdict
{
    /// <summary>How the trial ended.</summary>
    public required CodeOutcome Outcome { get; init; }

    /// <summary>The program that was tried; null if the text holds none.</summary>
    public required string? Code { get; init; }

    /// <summary>Whether the program counts as right.</summary>
    public bool AllPassed => Outcome == CodeOutcome.Passed;

    /// <summary>Tests passed before the first failure. A script of assertions counts all or none.</summary>
    public int PassedTests { get; init; }

    /// <summary>Tests in all.</summary>
    public int TotalTests { get; init; }

    /// <summary>The first test that failed, from 0; null if all passed or the trial does not say.</summary>
    public int? FailedTestIndex { get; init; }

    /// <summary>TLE, RE, WA, CE/RE, NO_FUNC, BAD_TEST_FORMAT, EVAL_CRASH, EVAL_BAD_OUTPUT, EMPTY_CODE or NO_TESTS; null if all passed.</summary>
    public string? ErrorType { get; init; }

    /// <summary>What was seen, at most about 1,000 characters. Written by the program: text to show, nothing more.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>What both sets of rules say of one program.</summary>
/// <param name="Reference">As the reference implementation judges, its faults included: the first block tagged python counts, exit code 0 is a pass.</param>
/// <param name="Strict">As a careful judge does: all tests were made and passed, outside of the program's reach.</param>
public sealed record CodeScore(CodeVerdict Reference, CodeVerdict Strict);
