using System.Globalization;

namespace RecursiveMas;

/// <summary>An agent has written a call of a tool, and the tool begins to run.</summary>
public sealed record ToolCallStarted : MasUpdate
{
    /// <summary>Name of the tool.</summary>
    public required string Tool { get; init; }

    /// <summary>What the agent wrote between the tags.</summary>
    public required string Input { get; init; }

    /// <summary>Number of the call within the agent's text, from 1.</summary>
    public required int Call { get; init; }
}

/// <summary>A tool has answered, and the agent has read the result.</summary>
public sealed record ToolCallCompleted : MasUpdate
{
    /// <summary>Name of the tool.</summary>
    public required string Tool { get; init; }

    /// <summary>What the agent wrote between the tags.</summary>
    public required string Input { get; init; }

    /// <summary>Number of the call within the agent's text, from 1.</summary>
    public required int Call { get; init; }

    /// <summary>The result as the agent read it: untrusted text, with the protocol's tags broken up, cut if it was too long.</summary>
    public required string Output { get; init; }

    /// <summary>What was put into the agent's text behind the call: the result between its tags.</summary>
    public required string Inserted { get; init; }

    /// <summary>Characters of the result before it was cut, in UTF-16 code units.</summary>
    public required int OutputLength { get; init; }

    /// <summary>Positions that the agent read; 0 for agents that do not count them.</summary>
    public required int PositionsRead { get; init; }

    /// <summary>When the tool began, from the beginning of the run.</summary>
    public required TimeSpan StartedAfter { get; init; }

    /// <summary>How long the tool took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Exit status of the process that the tool ran; null if it ran none, or if that was stopped.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Whether the tool was stopped at its time limit.</summary>
    public bool TimedOut { get; init; }

    /// <summary>Who answered, for example the name of a search service; null if that goes without saying.</summary>
    public string? Provider { get; init; }

    /// <summary>What went wrong, if the tool failed rather than answered; the agent reads it as the result.</summary>
    public string? Error { get; init; }

    /// <summary>Tool, number, time and exit status in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Agent} called {Tool} (call {Call}, {Duration.TotalSeconds:0.###} s" +
        $"{(ExitCode is { } code ? $", exit status {code}" : "")}{(TimedOut ? ", stopped at the time limit" : "")}{(Error is null ? "" : ", failed")}): " +
        $"{Input.Length} characters in, {OutputLength} out");
}

/// <summary>An agent has called a tool once more than it may. It is told so, and goes on without tools.</summary>
public sealed record ToolLimitReached : MasUpdate
{
    /// <summary>Most calls of one text.</summary>
    public required int MaxCalls { get; init; }

    /// <summary>What was put into the agent's text behind the call.</summary>
    public required string Inserted { get; init; }
}
