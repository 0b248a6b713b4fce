using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>Why a run of code ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PythonRunEnd>))]
public enum PythonRunEnd
{
    /// <summary>By itself.</summary>
    Exited,

    /// <summary>It ran longer than it may.</summary>
    TimedOut,

    /// <summary>It wrote more than it may.</summary>
    TooMuchOutput,

    /// <summary>It took more memory than it may.</summary>
    TooMuchMemory,
}

/// <summary>What code did.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="ExitCode">Its exit status; null if it was stopped.</param>
/// <param name="Output">What it wrote to its standard output, up to <see cref="PythonOptions.MaxOutputBytes"/>. Untrusted.</param>
/// <param name="Error">What it wrote to its standard error, up to the same limit. Untrusted.</param>
public sealed record PythonRun(PythonRunEnd End, int? ExitCode, string Output, string Error);
