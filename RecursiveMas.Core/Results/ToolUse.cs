using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What became of the tools of a run.</summary>
public sealed record ToolUse
{
    /// <summary>Every call in order.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required IReadOnlyList<ToolCallCompleted> Calls { get; init => field = Given.NotNull(value, nameof(Calls)); }

    /// <summary>Tools that were registered but could not be used, by name, and why. An answer with an entry here was not made with these tools.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required IReadOnlyDictionary<string, string> Unavailable { get; init => field = Given.NotNull(value, nameof(Unavailable)); }

    /// <summary>Whether the writer wanted more calls than it may make.</summary>
    public bool LimitReached { get; init; }

    /// <summary>Whether the writer's text ends within a call that was never closed and so never run.</summary>
    public bool OpenCall { get; init; }

    /// <summary>Whether the writer's text ended because its model had no positions left.</summary>
    public bool ContextFull { get; init; }
}
