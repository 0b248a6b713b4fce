using RecursiveMas.Shared;
using TorchSharp;

namespace RecursiveMas.Diagnostics;

/// <summary>Whether libtorch is there, where it comes from, and whether it had to be adapted.</summary>
internal static class TorchFindings
{
    private const string Sharp = "LibTorchSharp";

    public static IEnumerable<DoctorFinding> All()
    {
        if (Fault() is { } fault)
        {
            yield return new DoctorFinding("libtorch", FindingLevel.Problem, "cannot be loaded", fault);
            yield break;
        }

        string? named = Environment.GetEnvironmentVariable("RECURSIVEMAS_LIBTORCH");
        string source = string.IsNullOrEmpty(named) ? "from the application's native package" : "named by RECURSIVEMAS_LIBTORCH";
        yield return new DoctorFinding("libtorch", FindingLevel.Good, $"{TorchLibrary.Path ?? "loaded"}, {source}");
        yield return new DoctorFinding("TorchSharp", FindingLevel.Good, typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "of unknown version");
        if (OperatingSystem.IsLinux())
            yield return Runtime();
    }

    private static string? Fault()
    {
        try
        {
            RecursiveMasRuntime.Initialize();
            return null;
        }
        catch (NativeLibraryException error)
        {
            return error.Message;
        }
    }

    /// <summary>What was loaded in place of a file lies in memory, or in a file that is gone.</summary>
    private static DoctorFinding Runtime()
    {
        string? mapped = File.ReadLines("/proc/self/maps").FirstOrDefault(line => line.Contains(Sharp, StringComparison.Ordinal));
        bool adapted = mapped is not null && (mapped.Contains("memfd:", StringComparison.Ordinal) || mapped.EndsWith("(deleted)", StringComparison.Ordinal));
        return new DoctorFinding(
            "C++ runtime",
            FindingLevel.Good,
            adapted
                ? "older than GCC 13; TorchSharp's native part was adapted to it while it was loaded"
                : "new enough for TorchSharp's native part as it is");
    }
}
