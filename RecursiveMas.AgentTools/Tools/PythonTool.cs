using RecursiveMas.Processes;
using RecursiveMas.Python;
using RecursiveMas.Sandbox;

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
    private readonly Lock _gate = new();
    private Task<Inspection>? _inspecting;
    private volatile bool _isComplete;

    /// <summary>Creates the tool; nothing runs yet.</summary>
    /// <param name="options">Interpreter and limits. Default: see there.</param>
    public PythonTool(PythonOptions? options = null) => _options = options ?? new PythonOptions();

    /// <summary>"python".</summary>
    public string Name => "python";

    /// <summary>Tries out what is enforced on this system while code runs. It takes about a second the first time.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolUnavailableException">There is no interpreter.</exception>
    public async Task<SandboxReport> InspectAsync(CancellationToken cancellationToken = default) =>
        (await ReadyAsync(cancellationToken).ConfigureAwait(false)).Report;

    /// <inheritdoc/>
    /// <exception cref="SandboxException">Code cannot be kept in here, and <see cref="PythonOptions.RequireSandbox"/> is set.</exception>
    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            Require(await ReadyAsync(cancellationToken).ConfigureAwait(false));
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
        Inspection ready = await ReadyAsync(cancellationToken).ConfigureAwait(false);
        Require(ready);
        ProcessOutcome outcome = ready.Report.Problem is null
            ? await new Bubblewrap(ready.Interpreter, _options).RunAsync(PythonScript.Of(_options), input, cancellationToken).ConfigureAwait(false)
            : await UnguardedPython.RunAsync(ready.Interpreter, _options, input, cancellationToken).ConfigureAwait(false);
        return new ToolResult(PythonOutput.Of(outcome, _options))
        {
            ExitCode = outcome.ExitCode,
            TimedOut = outcome.End == ProcessEnd.TimedOut,
        };
    }

    private void Require(Inspection ready)
    {
        if (!_options.RequireSandbox || ready.Report.IsComplete)
            return;
        string missing = ready.Report.Problem
            ?? $"Python code was not run, because this is not enforced here: " +
                $"{string.Join("; ", ready.Report.Findings.Where(finding => !finding.Enforced).Select(finding => $"{finding.Guard} ({finding.Detail})"))}.";
        throw new SandboxException(
            $"{missing} Or set {nameof(PythonOptions)}.{nameof(PythonOptions.RequireSandbox)} to false, which lets code do whatever the caller may do.",
            ready.Report);
    }

    /// <summary>Inspects once for all who wait; again if something was missing, since it may have been installed by the next call.</summary>
    private Task<Inspection> ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_inspecting is null || (_inspecting.IsCompleted && !_isComplete))
                _inspecting = Task.Run(() => InspectAllAsync(CancellationToken.None), CancellationToken.None);
            return _inspecting.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Tries interpreters until one works in the sandbox; otherwise the first that runs in it at all, or the first.</summary>
    private async Task<Inspection> InspectAllAsync(CancellationToken cancellationToken)
    {
        var tried = new List<Inspection>();
        var problems = new List<string>();
        foreach (string program in PythonInterpreter.Candidates(_options.Interpreter))
        {
            (PythonInterpreter? interpreter, string problem) = await PythonInterpreter.AskAsync(program, cancellationToken).ConfigureAwait(false);
            if (interpreter is null)
            {
                problems.Add(problem);
                continue;
            }

            // Many names may lead to one installation.
            if (tried.Exists(other => other.Interpreter.IsOneWith(interpreter)))
                continue;
            var inspection = new Inspection(interpreter, await TryOutAsync(interpreter, cancellationToken).ConfigureAwait(false));
            _isComplete = inspection.Report.IsComplete;
            if (_isComplete)
                return inspection;
            tried.Add(inspection);
        }

        return tried.Find(inspection => inspection.Report.Problem is null) ?? tried.FirstOrDefault() ?? throw new ToolUnavailableException(
            Name,
            $"no Python 3 was found{(_options.Interpreter is { } named ? $" at '{named}'" : " in PATH")}. " +
            $"Install it (Debian, Ubuntu: apt install python3), or name one by {nameof(PythonOptions)}.{nameof(PythonOptions.Interpreter)}." +
            string.Concat(problems.Select(problem => $" {problem}.")));
    }

    private async Task<SandboxReport> TryOutAsync(PythonInterpreter interpreter, CancellationToken cancellationToken)
    {
        if (Problem() is { } problem)
            return Nothing(interpreter, problem);
        try
        {
            return await SandboxProbe.RunAsync(interpreter, _options, cancellationToken).ConfigureAwait(false);
        }
        catch (SandboxException error)
        {
            return Nothing(interpreter, error.Message);
        }
    }

    /// <summary>Why there can be no sandbox here; null if there can.</summary>
    private string? Problem() => !OperatingSystem.IsLinux()
        ? "Python code was not run, because only Linux has the means to keep it in."
        : !SystemCallFilter.IsKnown
            ? "Python code was not run, because the filter of system calls knows only x64 and arm64 processors."
            : Bubblewrap.Missing(_options) is { Count: > 0 } missing
                ? $"Python code was not run, because programs that keep it in are missing: {string.Join(", ", missing)}. Install them (Debian, Ubuntu: " +
                    "apt install bubblewrap util-linux coreutils; Fedora: dnf install bubblewrap util-linux coreutils)."
                : null;

    private static SandboxReport Nothing(PythonInterpreter interpreter, string problem) =>
        new([.. Enum.GetValues<SandboxGuard>().Select(guard => new SandboxFinding(guard, Enforced: false, "not tried"))])
        {
            Problem = problem,
            PythonVersion = interpreter.Version,
        };

    private sealed record Inspection(PythonInterpreter Interpreter, SandboxReport Report);
}
