namespace RecursiveMas.Processes;

/// <summary>A program to run.</summary>
/// <param name="File">The program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Input">What it reads from its standard input, which then ends.</param>
/// <param name="Folder">Where it runs.</param>
internal sealed record ProcessCommand(string File, IReadOnlyList<string> Arguments, string Input = "", string Folder = "/")
{
    /// <summary>All of its environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } =
        new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["LANG"] = "C.UTF-8" };

    /// <summary>An argument that no other process has: what carries it belongs to this call, whoever its parent is. Null where nothing does.</summary>
    public string? Mark { get; init; }
}

/// <summary>What stops a program.</summary>
/// <param name="Time">Longest time.</param>
/// <param name="OutputBytes">Most bytes of each output.</param>
/// <param name="MemoryBytes">Most memory of all its processes together; null for no limit.</param>
internal sealed record ProcessLimits(TimeSpan Time, int OutputBytes, long? MemoryBytes);

/// <summary>Why a program ended.</summary>
internal enum ProcessEnd
{
    Exited,
    TimedOut,
    TooMuchOutput,
    TooMuchMemory,
}

/// <summary>What a program did.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="ExitCode">Its exit status; null if it was stopped.</param>
/// <param name="Output">What it wrote to its standard output, up to the limit.</param>
/// <param name="Error">What it wrote to its standard error, up to the limit.</param>
internal sealed record ProcessOutcome(ProcessEnd End, int? ExitCode, string Output, string Error);
