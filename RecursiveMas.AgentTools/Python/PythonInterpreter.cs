using System.ComponentModel;
using RecursiveMas.Processes;
using RecursiveMas.Shared;

namespace RecursiveMas.Python;

/// <summary>An interpreter that answers.</summary>
/// <param name="Path">Its program.</param>
/// <param name="Folders">Folders that it needs: its installation, and of a virtual environment the one that this is made of.</param>
/// <param name="Version">Its version.</param>
internal sealed record PythonInterpreter(string Path, IReadOnlyList<string> Folders, string Version)
{
    private const string Question = "import sys; print(sys.executable, sys.prefix, sys.base_prefix, sys.version.split()[0], sep='\\n')";

    private static readonly string[] s_names = OperatingSystem.IsWindows() ? ["python3.exe", "python.exe"] : ["python3", "python"];
    private static readonly ProcessLimits s_limits = new(TimeSpan.FromSeconds(20), 64 << 10, null);

    /// <summary>Whether two are of one installation.</summary>
    public bool IsOneWith(PythonInterpreter other) => Version == other.Version && Folders.SequenceEqual(other.Folders);

    /// <summary>Programs that may be interpreters, in order.</summary>
    /// <param name="named">What the user named; null for those of PATH.</param>
    public static IEnumerable<string> Candidates(string? named)
    {
        if (named is not null && (named.Contains('/', StringComparison.Ordinal) || named.Contains('\\', StringComparison.Ordinal)))
            return [UserPath.Full(named, nameof(PythonOptions.Interpreter))];
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return (named is null ? s_names : [named])
            .SelectMany(name => folders.Where(System.IO.Path.IsPathRooted).Select(folder => System.IO.Path.Combine(folder, name)))
            .Where(File.Exists).Distinct();
    }

    /// <summary>Asks a program whether it is an interpreter, with the caller's rights: it is the user's own.</summary>
    /// <param name="program">The program.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The interpreter, or what is wrong with the program.</returns>
    public static async Task<(PythonInterpreter? Found, string Problem)> AskAsync(string program, CancellationToken cancellationToken)
    {
        try
        {
            var command = new ProcessCommand(program, ["-I", "-c", Question], Folder: System.IO.Path.GetTempPath());
            command = command with { Environment = new Dictionary<string, string>(command.Environment) { ["HOME"] = UserPath.Home } };
            ProcessOutcome outcome = await ProcessRunner.RunAsync(command, s_limits, cancellationToken).ConfigureAwait(false);
            string[] lines = outcome.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return outcome.ExitCode == 0 && lines.Length == 4 && lines[3].StartsWith("3.", StringComparison.Ordinal)
                ? (new PythonInterpreter(lines[0], [.. lines[1..3].Distinct()], lines[3]), "")
                : (null, $"{program} is no Python 3 that works: {Short(outcome.Error.Length > 0 ? outcome.Error : outcome.Output)}");
        }
        catch (Win32Exception error)
        {
            return (null, $"{program} cannot be run: {error.Message}");
        }
    }

    private static string Short(string text) => TextTrim.Both(text.Length > 300 ? text[..300] : text);
}
