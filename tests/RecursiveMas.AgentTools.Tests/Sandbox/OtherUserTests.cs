using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace RecursiveMas.AgentTools.Tests.Sandbox;

/// <summary>The escapes once more: where the tests run as root, as a user without rights. An ordinary user has run them as such already.</summary>
[Collection(SandboxRuns.Collection)]
public sealed partial class OtherUserTests
{
    private const string User = "12345";

    [Fact]
    public async Task The_sandbox_holds_for_a_user_without_rights()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "The escapes have run as a user without rights.");
        CancellationToken token = TestContext.Current.CancellationToken;
        // The user must be able to read the tests, wherever the clone lies.
        string folder = Directory.CreateTempSubdirectory("recursivemas-escapes-").FullName;
        try
        {
            Copy(AppContext.BaseDirectory, folder);
            string home = Directory.CreateDirectory(Path.Combine(folder, "home")).FullName;
            await RunAsync("/bin/sh", ["-c", $"chmod -R a+rX {folder} && chown {User}:{User} {home}"], home, token);
            string tests = Path.Combine(folder, Path.GetFileName(typeof(OtherUserTests).Assembly.Location));
            string dotnet = Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet";
            string output = await RunAsync(
                "setpriv",
                ["--reuid", User, "--regid", User, "--clear-groups", dotnet, tests, "-class", typeof(EscapeTests).FullName!, "-noColor"],
                home,
                token);
            Match total = Total().Match(output);
            Assert.True(total.Success, output);
            Assert.Equal(
                (EscapePrograms.All.Count + 1, 0, 0),
                (Number(total, 1), Number(total, 2) + Number(total, 3), Number(total, 4)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string home, CancellationToken token)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            Environment = { ["HOME"] = home, ["DOTNET_CLI_HOME"] = home, ["TMPDIR"] = home },
        })!;
        string output = await process.StandardOutput.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        Assert.True(process.ExitCode == 0, output);
        return output;
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Total: (\d+), Errors: (\d+), Failed: (\d+), Skipped: (\d+)")]
    private static partial Regex Total();
}
