namespace RecursiveMas.QuickStart;

/// <summary>What the command line asks for.</summary>
internal sealed record Settings
{
    /// <summary>Name of a system, or a folder.</summary>
    public required string System { get; init; }

    public required MasOptions Options { get; init; }

    /// <summary>Kind of question; null for the default of the system.</summary>
    public TaskKind? Kind { get; init; }

    /// <summary>The question; empty for samples and a conversation.</summary>
    public string Question { get; init; } = "";

    /// <summary>File for the trace; null for none.</summary>
    public string? Trace { get; init; }

    /// <summary>File for the page of the trace; null for none.</summary>
    public string? TraceHtml { get; init; }

    /// <summary>Download without asking.</summary>
    public bool Yes { get; init; }
}
