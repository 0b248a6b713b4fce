using RecursiveMas.Shared;

namespace RecursiveMas.Diagnostics;

/// <summary>Where released systems are kept, and whether there is room.</summary>
internal static class StorageFindings
{
    // The smallest of the released systems takes about 9 GB.
    private const long Room = 10_000_000_000;

    public static IEnumerable<DoctorFinding> All(MasOptions options)
    {
        string folder = options.Folder ?? HubCache.DefaultFolder;
        string role = options.Folder is null ? "cache folder" : "folder";
        if (options.Folder is not null && !Directory.Exists(folder))
        {
            yield return new DoctorFinding(role, FindingLevel.Problem, $"{folder} is not there", "Name a folder with the repositories of a system.");
            yield break;
        }

        yield return Directory.Exists(folder)
            ? new DoctorFinding(role, FindingLevel.Good, folder)
            : new DoctorFinding(role, FindingLevel.Note, $"{folder} is not there yet", "It is made at the first download; HF_HUB_CACHE names another one.");
        if (options.Folder is null && FreeSpace.Of(folder) is { } free)
        {
            yield return free >= Room
                ? new DoctorFinding("free disk", FindingLevel.Good, ByteSize.GiB(free))
                : new DoctorFinding(
                    "free disk", FindingLevel.Note, ByteSize.GiB(free), "Too little for a released system; free some, or let HF_HUB_CACHE name another disk.");
        }

        if (options.Offline || new[] { "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE" }.Any(IsSet))
            yield return new DoctorFinding("network", FindingLevel.Note, "not used: offline", "Unset HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE to download.");
    }

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable)?.ToUpperInvariant() is "1" or "TRUE" or "YES" or "ON";
}
