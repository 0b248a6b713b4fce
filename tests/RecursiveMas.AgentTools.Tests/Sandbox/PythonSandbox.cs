using Xunit;

namespace RecursiveMas.AgentTools.Tests.Sandbox;

/// <summary>Tests that run code, one after another, so that each can see what it leaves behind.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class PythonSandbox
{
    public const string Collection = "python";

    /// <summary>Processes that belong to a call: those of the sandbox have its folder or its programs in their command line.</summary>
    public static string[] Running()
    {
        var found = new List<string>();
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                string command = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
                if (command.Contains("/work/code.py", StringComparison.Ordinal) || command.Contains("--unshare-user", StringComparison.Ordinal))
                    found.Add($"{Path.GetFileName(folder)}: {command[..Math.Min(200, command.Length)]}");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It has ended.
            }
        }

        return [.. found];
    }

    public static int OpenHandles() => Directory.GetFiles("/proc/self/fd").Length;

    public static string[] TemporaryFiles() => [.. Directory.GetFileSystemEntries(Path.GetTempPath(), "recursivemas-python-*")];
}
