using System.Globalization;

namespace RecursiveMas.Benchmarks;

/// <summary>Memory of this process as Linux counts it, in bytes.</summary>
internal static class ProcessMemory
{
    /// <summary>Private and shared memory in use now.</summary>
    public static long Resident => Field("VmRSS");

    /// <summary>Largest resident set since the start or the last reset.</summary>
    public static long PeakResident => Field("VmHWM");

    /// <summary>Memory that belongs to this process alone and to no file.</summary>
    public static long Anonymous => Field("RssAnon");

    /// <summary>Starts a new measurement of the peak.</summary>
    public static void ResetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static long Field(string name) =>
        1024 * long.Parse(
            File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..]
                .Replace("kB", "", StringComparison.Ordinal)
                .Trim(),
            CultureInfo.InvariantCulture);
}
