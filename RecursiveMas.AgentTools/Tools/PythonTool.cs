using RecursiveMas.Python;

namespace RecursiveMas;

/// <summary>
/// The tool "python": runs code in a process of its own, kept in a sandbox, and returns what it printed. Nothing stays from one call to the next.
/// </summary>
/// <remarks>
/// On Linux with bubblewrap, util-linux and coreutils. Before the first call the sandbox is tried out from the inside; where something that it should
/// forbid is possible, code is refused. Safe for concurrent calls.
/// </remarks>
public sealed class PythonTool : IMasTool
{
    private readonly PythonOptions _options;
    private readonly PythonSandbox _sandbox;

    /// <summary>Creates the tool; nothing runs yet.</summary>
    /// <param name="options">Interpreter and limits. Default: see there.</param>
    public PythonTool(PythonOptions? options = null)
    {
        _options = options ?? new PythonOptions();
        _sandbox = new PythonSandbox(_options);
    }

    /// <summary>"python".</summary>
    public string Name => "python";

    /// <summary>Tries out what is enforced on this system while code runs. It takes about a second the first time.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolUnavailableException">There is no interpreter.</exception>
    public Task<SandboxReport> InspectAsync(CancellationToken cancellationToken = default) => _sandbox.InspectAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="SandboxException">Code cannot be kept in here, and <see cref="PythonOptions.RequireSandbox"/> is set.</exception>
    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _sandbox.RequireAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (ToolUnavailableException error)
        {
            return error.Reason;
        }
    }

    /// <summary>Runs code.</summary>
    /// <param name="code">The code.</param>
    /// <param name="cancellationToken">Stops it, with every process that it has started.</param>
    /// <exception cref="SandboxException">Code cannot be kept in here, and <see cref="PythonOptions.RequireSandbox"/> is set.</exception>
    /// <exception cref="ToolUnavailableException">There is no interpreter.</exception>
    public Task<ToolResult> RunAsync(string code, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(code);
        return RunAsync(code, ToolContext.None, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="SandboxException">Code cannot be kept in here, and <see cref="PythonOptions.RequireSandbox"/> is set.</exception>
    /// <exception cref="ToolUnavailableException">There is no interpreter.</exception>
    public async Task<ToolResult> RunAsync(string input, ToolContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(context);
        PythonRun run = await _sandbox.RunAsync(input, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new ToolResult(PythonOutput.Of(run, _options)) { ExitCode = run.ExitCode, TimedOut = run.End == PythonRunEnd.TimedOut };
    }
}
