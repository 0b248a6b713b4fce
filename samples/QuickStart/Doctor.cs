namespace RecursiveMas.QuickStart;

/// <summary>Shows what the library finds out about the machine.</summary>
internal static class Doctor
{
    /// <summary>Examines the machine; the exit code says whether there is a problem.</summary>
    /// <param name="system">Name of the only system to look at, or a folder; null for all that are known.</param>
    /// <param name="options">How systems would be loaded.</param>
    /// <param name="screen">Where the report goes.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<int> RunAsync(string? system, MasOptions options, Screen screen, CancellationToken cancellation)
    {
        try
        {
            DoctorReport report = await MasDoctor.ExamineAsync(
                system is null ? options : Directory.Exists(system) ? options with { Folder = system } : options with { Style = system }, cancellation);
            foreach (DoctorFinding finding in report.Findings)
                Show(finding, screen);
            return report.IsWell ? ExitCode.Done : ExitCode.Failed;
        }
        catch (RecursiveMasException error)
        {
            screen.Fail(OptionWords.Of(error));
            return ExitCode.Usage;
        }
    }

    private static void Show(DoctorFinding finding, Screen screen)
    {
        string mark = finding.Level switch { FindingLevel.Good => "ok", FindingLevel.Note => "--", _ => "!!" };
        screen.Answer($"{mark}  {finding.Subject,-36} {OptionWords.Of(finding.Found)}\n");
        if (finding.Remedy is { } remedy)
            screen.Answer($"    {"",-36} {OptionWords.Of(remedy)}\n");
    }
}
