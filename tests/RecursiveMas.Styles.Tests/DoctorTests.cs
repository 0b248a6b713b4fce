using RecursiveMas.Styles.Tests.QuickStart;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>What the doctor finds, on a machine that can run these tests.</summary>
public sealed class DoctorTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_machine_that_answers_is_well()
    {
        DoctorReport report = await MasDoctor.ExamineAsync(cancellationToken: Token);
        Assert.True(report.IsWell, report.ToString());
        foreach (string subject in new[]
            {
                "runtime", "libtorch", "TorchSharp", "cpu", "chosen device", "repacked weights, float32", "cache folder", "memory", "sequential_tiny",
                "mixture",
            })
            Assert.Single(report.Findings, finding => finding.Subject == subject);
        Assert.True(File.Exists(Found(report, "libtorch").Split(',')[0]), Found(report, "libtorch"));
        Assert.StartsWith("computes in Float32, BFloat16", Found(report, "cpu"), StringComparison.Ordinal);
        Assert.Equal("0.107.0", Found(report, "TorchSharp"));
        Assert.Matches(@"^is here, takes [\d.]+ MiB on cpu$", Found(report, "sequential_tiny"));
        Assert.Contains("[ok] sequential_tiny: is here", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_is_a_problem_with_a_remedy()
    {
        string folder = fixture.CopyFolder();
        string config = Path.Combine(folder, "Sequential-Tiny-Planner-Qwen3", "config.json");
        await File.WriteAllTextAsync(config, "{", Token);
        DoctorReport report = await MasDoctor.ExamineAsync(new MasOptions { Folder = folder, Device = "cuda:99" }, Token);
        Assert.False(report.IsWell);
        DoctorFinding device = report.Findings.Single(finding => finding.Subject == "chosen device");
        Assert.Equal(FindingLevel.Problem, device.Level);
        Assert.Contains("'cuda:99'", device.Found, StringComparison.Ordinal);
        Assert.NotNull(device.Remedy);
        DoctorReport damaged = await MasDoctor.ExamineAsync(new MasOptions { Folder = folder }, Token);
        DoctorFinding system = damaged.Findings.Single(finding => finding.Subject == "system");
        Assert.Equal(FindingLevel.Problem, system.Level);
        Assert.Contains("config.json", system.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_said()
    {
        DoctorReport report = await MasDoctor.ExamineAsync(new MasOptions { Folder = "/nowhere/at/all" }, Token);
        Assert.Contains(report.Findings, finding => finding is { Subject: "folder", Level: FindingLevel.Problem });
    }

    [Fact]
    public async Task QuickStart_shows_it_among_the_answers()
    {
        var screen = new RecordedScreen();
        Assert.Equal(0, await screen.RunAsync(Token, "--doctor", "--system", SystemFixture.Name));
        Assert.Contains("ok  libtorch", screen.Answers, StringComparison.Ordinal);
        Assert.Contains("ok  sequential_tiny", screen.Answers, StringComparison.Ordinal);
        Assert.DoesNotContain("deliberation", screen.Answers, StringComparison.Ordinal);
        Assert.DoesNotContain("MasOptions", screen.Answers, StringComparison.Ordinal);
        Assert.Equal(1, await new RecordedScreen().RunAsync(Token, "--doctor", "--device", "cuda:99"));
    }

    private static string Found(DoctorReport report, string subject) => report.Findings.Single(finding => finding.Subject == subject).Found;
}
