using RecursiveMas.AgentTools.Tests.Sandbox;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.AgentTools.Tests;

/// <summary>The code of the package's README compiles and does what its comments say.</summary>
[Collection(SandboxRuns.Collection)]
public sealed class ReadmeTests
{
    [Fact]
    public async Task Readme_shows_what_runs_here()
    {
        Readme.RequireSameCode("RecursiveMas.AgentTools", "tests/RecursiveMas.AgentTools.Tests/ReadmeTests.cs");
        (string output, string curious, bool complete) = await CallAsync();
        Assert.Equal("5050", output);
        Assert.Equal("FileNotFoundError: [Errno 2] No such file or directory: '/etc/shadow'", curious.Split('\n')[^2]);
        Assert.True(complete);
    }

    private static async Task<(string Output, string Curious, bool Complete)> CallAsync()
    {
        // README
        var python = new PythonTool(new PythonOptions { TimeLimit = TimeSpan.FromSeconds(5) });
        ToolResult result = await python.RunAsync("print(sum(range(101)))");
        Console.WriteLine(result.Output);                                // 5050
        ToolResult curious = await python.RunAsync("print(open('/etc/shadow').read())");
        Console.WriteLine(curious.Output.Split('\n')[^2]);               // FileNotFoundError: [Errno 2] No such file or directory: '/etc/shadow'
        SandboxReport report = await python.InspectAsync();
        Console.WriteLine(report.IsComplete);                            // True
        // END
        return (result.Output, curious.Output, report.IsComplete);
    }
}
