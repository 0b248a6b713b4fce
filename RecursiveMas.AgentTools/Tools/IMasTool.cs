using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>Something that an agent may call while it writes: it writes a text between the tool's tags and reads the result behind them.</summary>
/// <remarks>Safe for concurrent calls: agents of many questions may use one tool at once.</remarks>
public interface IMasTool
{
    /// <summary>Name of the tool and of its tags, in lower case: letters, digits and underscores, not "result".</summary>
    string Name { get; }

    /// <summary>
    /// What the tool does and what it takes, in a line or a few. An agent that has the tool reads it in its system turn, with how to call it. Default: null;
    /// then the prompts speak of the tool, or nobody does.
    /// </summary>
    string? Description => null;

    /// <summary>Whether the tool can be used here. Asked once before an agent that has it writes.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null, the default, if it can; otherwise what is missing and how to get it. The run goes on without the tool, and its answer says so.</returns>
    /// <exception cref="RecursiveMasException">The run must not go on without the tool; it fails with this exception.</exception>
    ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<string?>(null);

    /// <summary>Runs one call.</summary>
    /// <param name="input">What the agent wrote between the tags, without white space at its ends; may be empty.</param>
    /// <param name="context">Who calls, and which call of the text it is.</param>
    /// <param name="cancellationToken">Cancelled when the question is; whatever the tool started must end then.</param>
    /// <returns>The result. It is untrusted data: tags in it are broken up and it is cut before an agent reads it.</returns>
    /// <remarks>
    /// An exception becomes a result that names it, so that the agent can go on; a <see cref="RecursiveMasException"/> ends the run, but for a
    /// <see cref="ToolUnavailableException"/>, which is reported with the answer, and a <see cref="ToolInputException"/>, which the agent reads.
    /// </remarks>
    Task<ToolResult> RunAsync(string input, ToolContext context, CancellationToken cancellationToken = default);
}

/// <summary>Where a call of a tool comes from.</summary>
/// <param name="Agent">The agent that calls.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="Call">Number of the call within the agent's text, from 1.</param>
public sealed record ToolContext(string Agent, int Round, int Call)
{
    /// <summary>For calls that no agent makes.</summary>
    public static ToolContext None { get; } = new("", 1, 1);
}

/// <summary>What came of a call.</summary>
/// <param name="Output">The text that the agent will read, not yet cut or neutralised.</param>
public sealed record ToolResult(string Output)
{
    /// <summary>The text that the agent will read.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Output { get; init => field = Given.NotNull(value, nameof(Output)); } = Given.NotNull(Output);

    /// <summary>Exit status of the process that the tool ran; null if it ran none, or if that was stopped.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Whether the tool was stopped at its time limit.</summary>
    public bool TimedOut { get; init; }

    /// <summary>Who answered, for example the name of a search service; null if that goes without saying.</summary>
    public string? Provider { get; init; }
}
