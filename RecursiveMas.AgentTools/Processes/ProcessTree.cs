using System.Globalization;

namespace RecursiveMas.Processes;

/// <summary>The processes under one, as Linux lists them.</summary>
internal static class ProcessTree
{
    private const int MostProcesses = 10_000;

    /// <summary>Whether the system lists children.</summary>
    public static bool IsListed { get; } = OperatingSystem.IsLinux() && File.Exists($"/proc/self/task/{Environment.ProcessId}/children");

    /// <summary>Memory of a process and all under it that is neither a file's nor swapped: private and shared pages.</summary>
    public static long Memory(int root) => Below(root).Sum(Resident);

    private static IEnumerable<int> Below(int root)
    {
        var open = new Stack<int>([root]);
        for (int count = 0; open.TryPop(out int process) && count < MostProcesses; count++)
        {
            yield return process;
            foreach (int child in Children(process))
                open.Push(child);
        }
    }

    private static IEnumerable<int> Children(int process)
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories($"/proc/{process}/task")
                    .SelectMany(thread => File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    .Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return [];
        }
    }

    private static long Resident(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/status")
                .Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal) || line.StartsWith("RssShmem:", StringComparison.Ordinal))
                .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
