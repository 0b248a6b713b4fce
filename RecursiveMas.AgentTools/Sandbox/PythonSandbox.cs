using RecursiveMas.Processes;
using RecursiveMas.Python;
using RecursiveMas.Sandbox;

namespace RecursiveMas;

/// <summary>
/// Runs Python code in a process of its own, kept in: no network, no files but the system's programs, limits of time, memory, processes, files and output.
/// When a call returns, everything that the code started has ended and everything that it wrote is gone.
/// </summary>
/// <remarks>
/// On Linux with bubblewrap, util-linux and coreutils. Before the first call the sandbox is tried out from the inside; where something that it should
/// forbid is possible, code is refused. Safe for concurrent calls.
/// </remarks>
public sealed class PythonSandbox
{
    private const string Name = "python";

    private readonly PythonOptions _options;
    private readonly Lock _gate = new();
    private Task<Inspection>? _inspecting;
    private volatile bool _isComplete;

    /// <summary>Creates the sandbox; nothing runs yet.</summary>
    /// <param name="options">Interpreter and limits. Default: see there.</param>
    public PythonSandbox(PythonOptions? options = null) => _options = options ?? new PythonOptions();

    /// <summary>Tries out what is enforced on this system while code runs. It takes about a second the first time.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolUnavailableException">There is no interpreter.</exception>
    public async Task<SandboxReport> InspectAsync(CancellationToken cancellationToken = default) =>
        (await ReadyAsync(cancellationToken).ConfigureAwait(false)).Report;

    /// <summary>Makes sure that code can be run: tries the sandbox out if that has not been done.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SandboxException">Code cannot be kept in here, and <see cref="PythonOptions.RequireSandbox"/> is set.</exception>
    /// <exception cref="ToolUnavailableException">There is no interpreter.</exception>
    public async Task RequireAsync(CancellationToken cancellationToken = default) => EnsureKept(await ReadyAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Runs code.</summary>
    /// <param name="code">The code.</param>
    /// <param name="input">What it reads from its standard input, which then ends. It is nowhere else.</param>
    /// <param name="timeLimit">Longest time. Default: <see cref="PythonOptions.TimeLimit"/>.</param>
    /// <param name="cancellationToken">Stops it, with every process that it has started.</param>
    /// <exception cref="ArgumentNullException">There is no code or no input.</exception>
    /// <exception cref="InvalidOptionException">There is no such time limit.</exception>
    /// <exception cref="SandboxException">Code cannot be kept in here, and <see cref="PythonOptions.RequireSandbox"/> is set.</exception>
    /// <exception cref="ToolUnavailableException">There is no interpreter.</exception>
    public async Task<PythonRun> RunAsync(string code, string input = "", TimeSpan? timeLimit = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(input);
        PythonOptions options = timeLimit is { } most ? _options with { TimeLimit = most } : _options;
        Inspection ready = await ReadyAsync(cancellationToken).ConfigureAwait(false);
        EnsureKept(ready);
        ProcessOutcome outcome = ready.Report.Problem is null
            ? await new Bubblewrap(ready.Interpreter, options).RunAsync(PythonScript.Of(options), code, input, cancellationToken).ConfigureAwait(false)
            : await UnguardedPython.RunAsync(ready.Interpreter, options, code, input, cancellationToken).ConfigureAwait(false);
        return new PythonRun((PythonRunEnd)outcome.End, outcome.ExitCode, outcome.Output, outcome.Error);
    }

    private void EnsureKept(Inspection ready)
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
