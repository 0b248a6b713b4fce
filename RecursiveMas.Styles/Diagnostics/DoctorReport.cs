using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How good a finding is.</summary>
public enum FindingLevel
{
    /// <summary>All is well.</summary>
    Good,

    /// <summary>It works; there is something to know, or to gain.</summary>
    Note,

    /// <summary>Something does not work.</summary>
    Problem,
}

/// <summary>Something that <see cref="MasDoctor"/> has found out.</summary>
/// <param name="Subject">What was looked at, in a few words.</param>
/// <param name="Level">How good it is.</param>
/// <param name="Found">What was found.</param>
/// <param name="Remedy">What to do about it; null for nothing.</param>
public sealed record DoctorFinding(string Subject, FindingLevel Level, string Found, string? Remedy = null)
{
    /// <summary>What was looked at, in a few words.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Subject { get; init => field = Given.NotNull(value, nameof(Subject)); } = Given.NotNull(Subject);

    /// <summary>How good it is.</summary>
    /// <exception cref="InvalidOptionException">There is no such level.</exception>
    public FindingLevel Level { get; init => field = Given.Defined(value, nameof(Level)); } = Given.Defined(Level, nameof(Level));

    /// <summary>What was found.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Found { get; init => field = Given.NotNull(value, nameof(Found)); } = Given.NotNull(Found);

    /// <summary>Subject, finding and remedy in one line.</summary>
    public override string ToString() => $"{Subject}: {Found}{(Remedy is null ? "" : $" -> {Remedy}")}";
}

/// <summary>What works on this machine, what does not, and what to do about it.</summary>
/// <param name="Findings">The findings, from the bottom up: runtime, libtorch, devices, fast paths, cache, systems.</param>
public sealed record DoctorReport(IReadOnlyList<DoctorFinding> Findings)
{
    /// <summary>The findings, from the bottom up.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<DoctorFinding> Findings { get; init => field = Given.NotNull(value, nameof(Findings)); } = Given.NotNull(Findings);

    /// <summary>Whether there is no problem.</summary>
    public bool IsWell => Findings.All(finding => finding.Level != FindingLevel.Problem);

    /// <summary>A line for each finding, marked by its level.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Findings.Select(finding => $"[{Mark(finding.Level)}] {finding}"));

    private static string Mark(FindingLevel level) => level switch { FindingLevel.Good => "ok", FindingLevel.Note => "--", _ => "!!" };
}
