using System.Globalization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How much memory the process can still take before the system, or a control group that it is in, kills it.</summary>
/// <param name="Available">Bytes.</param>
/// <param name="Where">What sets the limit, for messages.</param>
public sealed record HostMemory(long Available, string Where)
{
    /// <summary>Asks the system; null where it does not tell.</summary>
    public static HostMemory? Now()
    {
        if (OperatingSystem.IsLinux())
            return FromLinux("/");
        // Elsewhere the runtime knows what there is in all, limits of a job or a container included, but not what is free.
        long total = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return total > 0 ? new HostMemory(total, "this machine has") : null;
    }

    /// <summary>Compares what something needs with what there is.</summary>
    /// <param name="what">What needs the memory, for messages.</param>
    /// <param name="needed">Bytes.</param>
    /// <param name="check">What happens if that is too much.</param>
    /// <param name="remedy">What to do about it, in sentences; it is told how many bytes are available.</param>
    /// <returns>A warning in one sentence; null if there is nothing to warn of.</returns>
    /// <exception cref="NotEnoughMemoryException">It is too much, and <paramref name="check"/> is <see cref="MemoryCheck.Refuse"/>.</exception>
    public string? Require(string what, long needed, MemoryCheck check, Func<long, string> remedy)
    {
        ArgumentNullException.ThrowIfNull(what);
        ArgumentNullException.ThrowIfNull(remedy);
        if (Given.Defined(check, nameof(check)) == MemoryCheck.None || needed <= Available)
            return null;
        string message = $"{what} needs about {ByteSize.GiB(needed)} of memory, but {Where} {ByteSize.GiB(Available)} left.";
        return check == MemoryCheck.Refuse ? throw new NotEnoughMemoryException($"{message} {remedy(Available)}", needed, Available) : message;
    }

    /// <summary>The least of what is available on the machine and what each control group leaves, versions 1 and 2, ancestors included.</summary>
    /// <param name="root">The file system's root; another one in tests.</param>
    internal static HostMemory? FromLinux(string root)
    {
        try
        {
            return ControlGroups(root).Prepend(Machine(root)).OfType<HostMemory>().MinBy(memory => memory.Available);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            return null; // a file system for processes that we do not know
        }
    }

    private static HostMemory? Machine(string root)
    {
        const string Name = "MemAvailable:";
        string? line = Lines(Path.Combine(root, "proc/meminfo")).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return line is null ? null : new HostMemory(1024 * Number(line[Name.Length..].Replace("kB", "", StringComparison.Ordinal)), "this machine has");
    }

    private static IEnumerable<HostMemory> ControlGroups(string root)
    {
        Dictionary<bool, string> paths = [];
        foreach (string[] parts in Lines(Path.Combine(root, "proc/self/cgroup")).Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3))
        {
            if (parts[1].Length == 0 || parts[1].Split(',').Contains("memory"))
                paths[parts[1].Length == 0] = parts[2];
        }

        foreach (string line in Lines(Path.Combine(root, "proc/self/mountinfo")))
        {
            string[] halves = line.Split(" - ", 2), mount = halves[0].Split(' '), kind = halves.Length == 2 ? halves[1].Split(' ') : [];
            bool unified = kind.Length > 2 && kind[0] == "cgroup2";
            if (mount.Length < 5
                || (!unified && !(kind.Length > 2 && kind[0] == "cgroup" && kind[2].Split(',').Contains("memory")))
                || !paths.TryGetValue(unified, out string? path))
                continue;
            string top = Path.Combine(root, mount[4].TrimStart('/'));
            for (string? group = Visible(path, mount[3]); group is not null; group = Parent(group))
            {
                string folder = Path.Combine(top, group.TrimStart('/'));
                if ((unified ? Unified(folder, group) : Separate(folder, group)) is { } memory)
                    yield return memory;
            }
        }
    }

    /// <summary>A group's path below the mount. Inside a container the mount shows a part of the tree, while the path may begin at the host's root.</summary>
    private static string Visible(string path, string mountRoot)
    {
        if (path.Contains("/..", StringComparison.Ordinal))
            return "/";
        return mountRoot == "/" ? path
            : path == mountRoot || path.StartsWith(mountRoot + "/", StringComparison.Ordinal) ? path[mountRoot.Length..]
            : "/";
    }

    private static string? Parent(string group) =>
        group.Trim('/').Length == 0 ? null : "/" + string.Join('/', group.Trim('/').Split('/').SkipLast(1));

    private static HostMemory? Unified(string folder, string group)
    {
        long? limit = new[] { "memory.max", "memory.high" }.Select(name => Value(folder, name)).Min();
        return limit is { } most && Value(folder, "memory.current") is { } used
            ? Left(group, most, used, Statistics(folder, "active_file", "inactive_file"))
            : null;
    }

    private static HostMemory? Separate(string folder, string group)
    {
        // A group without a limit shows the largest number of pages.
        const long Unlimited = 1L << 60;
        return Value(folder, "memory.limit_in_bytes") is { } most and < Unlimited && Value(folder, "memory.usage_in_bytes") is { } used
            ? Left(group, most, used, Statistics(folder, "total_active_file", "total_inactive_file"))
            : null;
    }

    private static HostMemory Left(string group, long most, long used, long cached) =>
        new(
            Math.Max(0, most - Math.Max(0, used - cached)),
            string.Create(CultureInfo.InvariantCulture, $"the control group '{group}' has, of its limit of {ByteSize.GiB(most)},"));

    private static long Statistics(string folder, params string[] names) => Lines(Path.Combine(folder, "memory.stat"))
        .Select(line => line.Split(' ')).Where(parts => parts.Length == 2 && names.Contains(parts[0])).Sum(parts => Number(parts[1]));

    private static long? Value(string folder, string file) =>
        Lines(Path.Combine(folder, file)).FirstOrDefault()?.Trim() is { } text && text != "max" ? Number(text) : null;

    private static string[] Lines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    private static long Number(string text) => long.Parse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
}
