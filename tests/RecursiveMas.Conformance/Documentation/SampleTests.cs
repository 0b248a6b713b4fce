using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Documentation;

/// <summary>Each sample prints what samples/README.md shows of it, line by line; other lines, such as those of a log, may stand between.</summary>
public sealed partial class SampleTests
{
    private static readonly string s_output = typeof(SampleTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(data => data.Key == "ProjectOutput").Value!;

    private static readonly Dictionary<string, string> s_shown = Shown()
        .Matches(File.ReadAllText(Path.Combine(Goldens.RepositoryRoot, "samples", "README.md")).ReplaceLineEndings("\n"))
        .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    public static TheoryData<string> Names() => [.. s_shown.Keys];

    [Fact]
    public void Samples_that_end_by_themselves_are_shown() =>
        Assert.Equal(["ChatClient", "Deliberation", "Hello", "Hosting", "OwnParts", "Streaming"], s_shown.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_prints_what_is_shown(string name)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        string program = Path.Combine(Goldens.RepositoryRoot, "samples", name, s_output, RuntimeInformation.RuntimeIdentifier, name + ".dll");
        using var sample = Process.Start(new ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true })!;
        string[] printed = (await sample.StandardOutput.ReadToEndAsync(token)).ReplaceLineEndings("\n").Split('\n');
        await sample.WaitForExitAsync(token);
        Assert.True(sample.ExitCode == 0, string.Join('\n', printed));
        int at = 0;
        foreach (string line in s_shown[name].Split('\n'))
        {
            int found = Array.IndexOf(printed, line, at);
            Assert.True(found >= 0, $"'{line}' is missing behind line {at} of:\n{string.Join('\n', printed)}");
            at = found + 1;
        }
    }

    [GeneratedRegex("^### (\\w+)\n(?:(?!^###)[^`])*?^```text\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Shown();
}
