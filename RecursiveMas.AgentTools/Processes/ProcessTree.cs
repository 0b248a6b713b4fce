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

    /// <summary>The first process of a namespace under a process: with it ends everything in there. Null if there is none.</summary>
    public static int? NamespaceInit(int root) => IsListed
        ? Below(root).Where(process => Field(process, "NSpid:") is { Length: > 1 } ids && ids[^1] == "1").Select(process => (int?)process).FirstOrDefault()
        : null;

    /// <summary>Whether a process is there and has not ended.</summary>
    public static bool IsAlive(int process) => Field(process, "State:") is [{ } state, ..] && state is not ("Z" or "X");

    /// <summary>A process and all under it.</summary>
    public static IEnumerable<int> Below(int root)
    {
        var open = new Stack<int>([root]);
        for (int count = 0; open.TryPop(out int process) && count < MostProcesses; count++)
        {
            yield return process;
            foreach (int child in Children(process))
                open.Push(child);
        }
    }

    /// <summary>Living processes with an argument, and all under them.</summary>
    public static int[] Marked(string mark) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Select(name => int.TryParse(name, CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id > 0 && Read(id, "cmdline").Split('\0').Contains(mark, StringComparer.Ordinal))
            .SelectMany(Below).Distinct().Where(IsAlive),
    ];

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
        string[] status = Status(process);
        return (Kilobytes("RssAnon:") + Kilobytes("RssShmem:")) << 10;

        long Kilobytes(string field) => Field(status, field) is [{ } number, ..] ? long.Parse(number, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>The values of a field of a process; null if it has ended.</summary>
    private static string[]? Field(int process, string name) => Field(Status(process), name);

    private static string[]? Field(string[] status, string name) =>
        Array.Find(status, line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines of what the system says of a process; none if it has ended.</summary>
    private static string[] Status(int process) => Read(process, "status").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return "";
        }
    }
}
