using System.Globalization;
using RecursiveMas.Catalogue;
using RecursiveMas.Shared;

namespace RecursiveMas.Diagnostics;

/// <summary>What each system would take of the memory that there is.</summary>
internal static class SystemFindings
{
    public static IEnumerable<DoctorFinding> All(MasOptions options)
    {
        HostMemory? memory = HostMemory.Now();
        yield return memory is null
            ? new DoctorFinding("memory", FindingLevel.Note, "the system does not tell")
            : new DoctorFinding("memory", FindingLevel.Good, $"{memory.Where} {ByteSize.GiB(memory.Available)} left");
        string[] names = options.Style is { } style ? [style] : options.Folder is null ? [.. StyleCatalogue.All.Select(known => known.Name)] : [""];
        foreach (string name in names)
            yield return Examine(name.Length > 0 ? name : null, options, memory);
    }

    private static DoctorFinding Examine(string? name, MasOptions options, HostMemory? memory)
    {
        string subject = name ?? "system";
        try
        {
            MasMemoryEstimate estimate = MasSystem.EstimateMemory(name, options);
            string devices = string.Join(", ", estimate.PeakByDevice.Select(device => $"{Size(device.Value)} on {device.Key}"));
            bool fits = memory is null || estimate.PeakByDevice.GetValueOrDefault("cpu") <= memory.Available;
            return fits
                ? new DoctorFinding(subject, FindingLevel.Good, $"is here, takes {devices}")
                : new DoctorFinding(
                    subject,
                    FindingLevel.Note,
                    $"is here, but takes {devices}, more than there is",
                    "Load one model at a time (MasOptions.Residency = OneAtATime), in the stored element type (MasOptions.Dtype = Stored), or on a GPU.");
        }
        catch (Exception error) when (error is CheckpointException or HubException && Released(name, options) is not null)
        {
            long bytes = Released(name, options)!.ApproximateBytes;
            string found = $"is not in the cache as a whole; about {Size(bytes)}, to be downloaded when it is first asked for";
            return memory is null || bytes <= memory.Available
                ? new DoctorFinding(subject, FindingLevel.Note, found)
                : new DoctorFinding(
                    subject, FindingLevel.Note, found, "All its models at once would take at least as much memory: more than there is. Load one at a time.");
        }
        catch (RecursiveMasException error)
        {
            return new DoctorFinding(subject, FindingLevel.Problem, "cannot be loaded", error.Message);
        }
    }

    private static ReleasedSystem? Released(string? name, MasOptions options) =>
        name is not null && options.Folder is null ? ReleasedSystems.TryFind(name) : null;

    private static string Size(long bytes) => bytes >= 1L << 28
        ? ByteSize.GiB(bytes)
        : string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / (1 << 20):0.0} MiB");
}
