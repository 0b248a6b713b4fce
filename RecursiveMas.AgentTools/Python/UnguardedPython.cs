using RecursiveMas.Processes;

namespace RecursiveMas.Python;

/// <summary>Runs code with the caller's rights, where the caller wants that: an environment, a folder and a time limit of its own, nothing more.</summary>
internal static class UnguardedPython
{
    public static async Task<ProcessOutcome> RunAsync(
        PythonInterpreter interpreter, PythonOptions options, string code, string input, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("recursivemas-python-").FullName;
        try
        {
            string file = Path.Combine(folder, "code.py");
            await File.WriteAllTextAsync(file, code, cancellationToken).ConfigureAwait(false);
            var command = new ProcessCommand(interpreter.Path, PythonScript.Arguments(PythonScript.Of(options), file), input, Folder: folder);
            var variables = new Dictionary<string, string>(command.Environment)
            {
                [OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME"] = folder,
                [OperatingSystem.IsWindows() ? "TEMP" : "TMPDIR"] = folder,
            };
            // Without it, no program starts on Windows.
            if (Environment.GetEnvironmentVariable("SystemRoot") is { } windows)
                variables["SystemRoot"] = windows;
            command = command with { Environment = variables };
            return await ProcessRunner.RunAsync(
                command,
                new ProcessLimits(options.TimeLimit, options.MaxOutputBytes, ProcessTree.IsListed ? options.MaxMemoryBytes : null),
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Delete(folder);
        }
    }

    /// <summary>The code may have locked its files or taken away their rights; what it printed counts all the same.</summary>
    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
