using System.Text.Json.Serialization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What keeps code in.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxGuard>))]
public enum SandboxGuard
{
    /// <summary>Files: the system's programs and libraries, read only; the program's own folder, small and in memory; nothing else.</summary>
    Files,

    /// <summary>No network but a loopback of its own, and no other kind of socket.</summary>
    Network,

    /// <summary>Sees, signals and traces no process but its own; all of them end with the call.</summary>
    Processes,

    /// <summary>Is a user without rights, inside and outside, and can become no other.</summary>
    User,

    /// <summary>System calls that a calculation does not need are refused.</summary>
    SystemCalls,

    /// <summary>Nothing of the caller's environment.</summary>
    Environment,

    /// <summary>Most processes and threads.</summary>
    ProcessCount,

    /// <summary>Most memory.</summary>
    Memory,

    /// <summary>Largest file, most open files, no core dumps.</summary>
    FileSizes,
}

/// <summary>What was found about one guard.</summary>
/// <param name="Guard">The guard.</param>
/// <param name="Enforced">Whether it holds here: tried, not assumed.</param>
/// <param name="Detail">What was seen, or what is missing.</param>
public sealed record SandboxFinding(SandboxGuard Guard, bool Enforced, string Detail);

/// <summary>What is enforced on the present system while code runs.</summary>
/// <param name="Findings">One finding a guard.</param>
public sealed record SandboxReport(IReadOnlyList<SandboxFinding> Findings)
{
    /// <summary>One finding a guard.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<SandboxFinding> Findings { get; init => field = Given.NotNull(value, nameof(Findings)); } = Given.NotNull(Findings);

    /// <summary>Whether every guard holds.</summary>
    public bool IsComplete => Findings.Count == Enum.GetValues<SandboxGuard>().Length && Findings.All(finding => finding.Enforced);

    /// <summary>Why nothing could be tried, and how to change that; null if code ran.</summary>
    public string? Problem { get; init; }

    /// <summary>Version of the interpreter; null if none ran.</summary>
    public string? PythonVersion { get; init; }

    /// <summary>Version of sympy, which the prelude imports where it is installed; null without it.</summary>
    public string? SympyVersion { get; init; }

    /// <summary>One line a guard.</summary>
    public override string ToString() => string.Join(
        Environment.NewLine,
        Findings.Select(finding => $"{finding.Guard}: {(finding.Enforced ? "enforced" : "NOT enforced")} ({finding.Detail})")
            .Prepend(Problem).OfType<string>());
}
