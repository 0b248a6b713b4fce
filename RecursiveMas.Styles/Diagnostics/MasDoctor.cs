using System.Globalization;
using System.Runtime.InteropServices;
using RecursiveMas.Diagnostics;

namespace RecursiveMas;

/// <summary>Looks at the machine as this library sees it. Nothing is downloaded, and no weights are loaded.</summary>
public static class MasDoctor
{
    /// <summary>Examines the machine on a pool thread; takes a second or two.</summary>
    /// <param name="options">How systems would be loaded: folder, device, element type and residency count. Default: the defaults.</param>
    /// <param name="cancellationToken">Checked between findings.</param>
    /// <exception cref="InvalidOptionException">An option other than the device has an impossible value.</exception>
    public static Task<DoctorReport> ExamineAsync(MasOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Examine(options ?? new MasOptions(), cancellationToken), cancellationToken);

    private static DoctorReport Examine(MasOptions options, CancellationToken cancellationToken)
    {
        var findings = new List<DoctorFinding> { Runtime() };
        DoctorFinding[] torch = [.. TorchFindings.All()];
        findings.AddRange(torch);
        bool computes = torch.All(finding => finding.Level != FindingLevel.Problem);
        foreach (Func<IEnumerable<DoctorFinding>> look in (Func<IEnumerable<DoctorFinding>>[])
            [
                .. computes ? new Func<IEnumerable<DoctorFinding>>[] { () => DeviceFindings.All(options), PathFindings } : [],
                () => StorageFindings.All(options),
                .. computes ? new Func<IEnumerable<DoctorFinding>>[] { () => SystemFindings.All(options) } : [],
            ])
        {
            cancellationToken.ThrowIfCancellationRequested();
            findings.AddRange(look());
        }

        return new DoctorReport(findings);
    }

    private static DoctorFinding Runtime()
    {
        string found = string.Create(
            CultureInfo.InvariantCulture,
            $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, " +
            $"{Environment.ProcessorCount} processors");
        return RuntimeInformation.ProcessArchitecture == Architecture.X64 || OperatingSystem.IsMacOS()
            ? new DoctorFinding("runtime", FindingLevel.Good, found)
            : new DoctorFinding("runtime", FindingLevel.Note, found, "TorchSharp publishes libtorch for x64, and for arm64 on macOS only.");
    }

    private static IEnumerable<DoctorFinding> PathFindings() => FastPaths.Examine().Select(path => new DoctorFinding(
        path.Name, path.IsOn ? FindingLevel.Good : FindingLevel.Note, path.IsOn ? "on" : "off", path.IsOn ? null : $"Needs: {path.Reason}."));
}
