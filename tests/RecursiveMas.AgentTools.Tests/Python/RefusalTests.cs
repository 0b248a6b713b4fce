using RecursiveMas.AgentTools.Tests.Sandbox;
using Xunit;

namespace RecursiveMas.AgentTools.Tests.Python;

/// <summary>Where code cannot be kept in it is not run, unless that is wanted; then it still has limits of time and output and leaves no files.</summary>
[Collection(SandboxRuns.Collection)]
public sealed class RefusalTests
{
    private static readonly PythonOptions s_bare = new()
    {
        SystemPath = "/no/programs/here",
        Interpreter = "/usr/bin/python3",
        TimeLimit = TimeSpan.FromSeconds(2),
    };

    // Goes through the arguments; what follows is the pattern of those that are left out.
    private const string Without = "n=$#; while [ $n -gt 0 ]; do a=$1; shift; n=$((n-1)); case $a in ";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_bubblewrap_code_is_refused_and_the_way_to_get_it_is_named()
    {
        var python = new PythonTool(s_bare);
        SandboxException error = await Assert.ThrowsAsync<SandboxException>(() => python.RunAsync("open('/tmp/ran', 'w')", Token));
        Assert.Contains("bwrap", error.Message, StringComparison.Ordinal);
        Assert.Contains("apt install bubblewrap", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(PythonOptions.RequireSandbox), error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/ran"));
        Assert.False(error.Report!.IsComplete);
        Assert.All(error.Report.Findings, finding => Assert.False(finding.Enforced));
        Assert.NotNull((await python.InspectAsync(Token)).Problem);
        await Assert.ThrowsAsync<SandboxException>(async () => await python.CheckAsync(Token));
    }

    [Theory]
    [InlineData(SandboxGuard.Network, "bwrap", "first=$1; shift; exec REAL $first --share-net \"$@\"")]
    [InlineData(SandboxGuard.Files, "bwrap", "exec REAL --ro-bind /var /var \"$@\"")]
    [InlineData(SandboxGuard.Environment, "bwrap", Without + "--clearenv) ;; *) set -- \"$@\" \"$a\" ;; esac; done; exec env LEAK=1 REAL \"$@\"")]
    [InlineData(SandboxGuard.SystemCalls, "bwrap", Without + "--seccomp | 9) ;; *) set -- \"$@\" \"$a\" ;; esac; done; exec REAL \"$@\"")]
    [InlineData(SandboxGuard.Processes, "bwrap", Without + "--unshare-all) set -- \"$@\" --unshare-ipc --unshare-net --unshare-uts ;; " +
        "--as-pid-1) ;; *) set -- \"$@\" \"$a\" ;; esac; done; exec REAL \"$@\"")]
    [InlineData(SandboxGuard.User, "setpriv", "shift 6; exec \"$@\"")]
    [InlineData(SandboxGuard.ProcessCount, "setpriv", "shift 6; exec \"$@\"")]
    public async Task A_guard_that_does_not_hold_is_found_and_code_is_refused(SandboxGuard guard, string program, string weakened)
    {
        Assert.SkipWhen(program == "setpriv" && !Environment.IsPrivilegedProcess, "Only root has something to give up.");
        string folder = Directory.CreateTempSubdirectory("recursivemas-programs-").FullName;
        try
        {
            string script = Path.Combine(folder, program);
            await File.WriteAllTextAsync(script, $"#!/bin/sh\n{weakened.Replace("REAL", Where(program), StringComparison.Ordinal)}\n", Token);
            foreach (string path in new[] { folder, script })
            {
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
            }

            var python = new PythonTool(s_bare with { SystemPath = $"{folder}:/usr/bin:/bin" });
            SandboxReport report = await python.InspectAsync(Token);
            Assert.Null(report.Problem);
            Assert.Contains(report.Findings, finding => finding.Guard == guard && !finding.Enforced);
            SandboxException error = await Assert.ThrowsAsync<SandboxException>(() => python.RunAsync("1", Token));
            Assert.Contains($"{guard} (", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Whoever_wants_runs_code_without_a_sandbox()
    {
        string[] files = SandboxRuns.TemporaryFiles();
        var python = new PythonTool(s_bare with { RequireSandbox = false });
        Assert.Null(await python.CheckAsync(Token));
        Environment.SetEnvironmentVariable("RECURSIVEMAS_UNGUARDED", "secret");
        Assert.Equal("5 None", (await python.RunAsync("import os; print(2 + 3, os.environ.get('RECURSIVEMAS_UNGUARDED'))", Token)).Output);
        Assert.Equal("[exit_code] 3", (await python.RunAsync("import sys; sys.exit(3)", Token)).Output);
        Assert.True((await python.RunAsync("while True: pass", Token)).TimedOut);
        Assert.StartsWith("[output limit]", (await python.RunAsync("while True: print('x' * 1000)", Token)).Output, StringComparison.Ordinal);
        Assert.Equal(files, SandboxRuns.TemporaryFiles());
    }

    private static string Where(string program) =>
        new[] { "/usr/bin", "/bin", "/usr/sbin", "/sbin" }.Select(folder => Path.Combine(folder, program)).First(File.Exists);
}
