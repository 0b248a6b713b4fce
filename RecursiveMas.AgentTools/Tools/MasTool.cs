using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>A tool that is a function from text to text.</summary>
/// <remarks>Immutable; safe for concurrent calls if its function is.</remarks>
public sealed class MasTool : IMasTool
{
    private readonly Func<string, CancellationToken, Task<string>> _run;

    /// <summary>Makes a tool.</summary>
    /// <param name="name">Name of the tool and of its tags, in lower case: letters, digits and underscores.</param>
    /// <param name="run">Runs one call.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public MasTool(string name, Func<string, CancellationToken, Task<string>> run)
    {
        Name = Given.NotNull(name);
        _run = Given.NotNull(run);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(string input, ToolContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(context);
        return new ToolResult(await _run(input, cancellationToken).ConfigureAwait(false) ?? "");
    }
}
