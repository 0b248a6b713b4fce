using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace RecursiveMas.AgentTools.Tests.Sandbox;

/// <summary>Tests that run code, one after another, so that each can see what it leaves behind.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class SandboxRuns
{
    public const string Collection = "python";

    // Containers of the machine that have nothing to do with the tests.
    private static readonly HashSet<int> s_before = [.. InSandboxes().Select(process => process.Id)];

    /// <summary>
    /// Processes that are left of calls: those in a sandbox and those around one, but for those of other tests that run beside. What another test has
    /// just stopped is nobody's for a moment, so they are looked at until they are gone, for two seconds at most.
    /// </summary>
    public static string[] Running()
    {
        string[] found;
        long started = Stopwatch.GetTimestamp();
        while ((found = Now()).Length > 0 && Stopwatch.GetElapsedTime(started).TotalSeconds < 2)
            Thread.Sleep(50);
        return found;
    }

    private static string[] Now() =>
        [.. InSandboxes().Where(process => !s_before.Contains(process.Id) && !IsForeign(process.Id)).Select(process => $"{process.Id}: {process.Command}")];

    private static IEnumerable<(int Id, string Command)> InSandboxes()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int id))
                continue;
            if (Field(id, "State:") is ["Z" or "X", ..])
                continue;
            string command = Read(id, "cmdline").Replace('\0', ' ');
            // A process in a namespace of its own has a number in each.
            if (Field(id, "NSpid:").Length > 1 || command.Contains("--unshare-user", StringComparison.Ordinal))
                yield return (id, command[..Math.Min(200, command.Length)]);
        }
    }

    /// <summary>Whether another test process is above it. Those that have lost their parents are nobody else's.</summary>
    private static bool IsForeign(int id)
    {
        while (id > 1 && id != Environment.ProcessId)
        {
            if (Read(id, "cmdline") is var command && command.Contains("RecursiveMas.", StringComparison.Ordinal)
                && command.Contains(".Tests", StringComparison.Ordinal))
                return true;
            id = Field(id, "PPid:") is [var parent] ? int.Parse(parent, CultureInfo.InvariantCulture) : 0;
        }

        return false;
    }

    private static string[] Field(int id, string name) =>
        Read(id, "status").Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..]
            .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return "";
        }
    }

    public static int OpenHandles() => Directory.GetFiles("/proc/self/fd").Length;

    public static string[] TemporaryFiles() => [.. Directory.GetFileSystemEntries(Path.GetTempPath(), "recursivemas-python-*")];
}
