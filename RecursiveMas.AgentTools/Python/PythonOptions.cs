using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How Python code is run. Values out of range raise <see cref="InvalidOptionException"/> where they are set.</summary>
public sealed record PythonOptions
{
    /// <summary>The interpreter: a path, or a name that is looked for in PATH. Default: null, the first of python3 and python in PATH that works.</summary>
    public string? Interpreter { get; init; }

    /// <summary>
    /// Whether code is refused where this system cannot keep it in, see <see cref="PythonTool.InspectAsync"/>. False runs code with what there is, which
    /// may be nothing: then it has the caller's rights to files and network. Default: true.
    /// </summary>
    public bool RequireSandbox { get; init; } = true;

    /// <summary>Longest time of a call, more than 0. Default: 10 s.</summary>
    public TimeSpan TimeLimit
    {
        get;
        init => field = value > TimeSpan.Zero && value <= TimeSpan.FromDays(1)
            ? value
            : throw new InvalidOptionException(nameof(TimeLimit), $"{value} is not possible; choose more than 0 and at most a day.");
    } = TimeSpan.FromSeconds(10);

    /// <summary>Most memory of a call in bytes: of each process, and of all together. At least 64 MiB. Default: 1 GiB.</summary>
    public long MaxMemoryBytes
    {
        get;
        init => field = value >= 64 << 20
            ? value
            : throw new InvalidOptionException(nameof(MaxMemoryBytes), $"{value} is not possible; at least 64 MiB is needed.");
    } = 1 << 30;

    /// <summary>Most processes and threads of a call, at least 4. Default: 32.</summary>
    public int MaxProcesses { get; init => field = Given.AtLeast(4, value, nameof(MaxProcesses)); } = 32;

    /// <summary>Most bytes of one file, at least 64 KiB. Default: 16 MiB.</summary>
    public int MaxFileBytes { get; init => field = Given.AtLeast(64 << 10, value, nameof(MaxFileBytes)); } = 16 << 20;

    /// <summary>Most bytes of the folder that code may write to; it lies in memory. At least 1 MiB. Default: 64 MiB.</summary>
    public int MaxFolderBytes { get; init => field = Given.AtLeast(1 << 20, value, nameof(MaxFolderBytes)); } = 64 << 20;

    /// <summary>Most files that a process has open, at least 16. Default: 128.</summary>
    public int MaxOpenFiles { get; init => field = Given.AtLeast(16, value, nameof(MaxOpenFiles)); } = 128;

    /// <summary>Most bytes of each output; code that prints more is stopped. At least 1. Default: 1 MiB.</summary>
    public int MaxOutputBytes { get; init => field = Given.AtLeast(1, value, nameof(MaxOutputBytes)); } = 1 << 20;

    /// <summary>
    /// Whether math, itertools, functools, fractions, statistics, and sympy as sp (None where it is not installed) are imported before the code. Default: true.
    /// </summary>
    public bool Prelude { get; init; } = true;

    /// <summary>Whether the value of an expression at the end of the code is printed, as an interactive interpreter does. Default: false.</summary>
    public bool EchoLastExpression { get; init; }

    /// <summary>Where the programs that keep code in are looked for.</summary>
    internal string SystemPath { get; init; } = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
}
