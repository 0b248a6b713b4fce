using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace RecursiveMas.Hub.Tests;

/// <summary>The command recursivemas in a process of its own.</summary>
internal sealed class ToolProcess : IDisposable
{
    private static readonly string s_tool =
        typeof(ToolProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "Tool").Value!;

    // Where one of these is set, nobody is taken to look at the terminal.
    private static readonly string[] s_automatic =
    [
        "CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION", "JENKINS_URL", "TRAVIS", "APPVEYOR", "BUILDKITE", "CIRCLECI", "NO_COLOR",
    ];

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;
    private string? _pidFile;

    private ToolProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Close();
    }

    public static ToolProcess Start(HubFixture hub, IReadOnlyList<string> arguments, params (string Name, string Value)[] variables) =>
        Start(hub, [], arguments, variables);

    /// <summary>Starts the command, behind another one that sets something up for it.</summary>
    public static ToolProcess Start(
        HubFixture hub,
        IReadOnlyList<string> before,
        IReadOnlyList<string> arguments,
        params (string Name, string Value)[] variables) =>
        Start(hub, [.. before, "dotnet", s_tool, .. arguments], variables);

    /// <summary>Starts the command on a terminal so many characters wide; what it draws is its output.</summary>
    public static ToolProcess StartOnTerminal(HubFixture hub, int width, IReadOnlyList<string> arguments)
    {
        string pid = Path.Combine(hub.Folder, "pid");
        string command = $"echo $$ > '{pid}'; stty cols {width} rows 20; exec dotnet '{s_tool}' {string.Join(' ', arguments)}";
        ToolProcess tool = Start(hub, ["script", "-qec", command, "/dev/null"], ("TERM", "xterm-256color"));
        tool._pidFile = pid;
        return tool;
    }

    private static ToolProcess Start(HubFixture hub, string[] words, params (string Name, string Value)[] variables)
    {
        // Jobs that a shell runs in the background ignore Ctrl+C, and so would their children.
        if (OperatingSystem.IsLinux())
            words = ["env", "--default-signal=INT", .. words];
        var start = new ProcessStartInfo(words[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = hub.Folder,
        };
        foreach (string word in words[1..])
            start.ArgumentList.Add(word);
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("HF_", StringComparison.Ordinal)
            || name.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase)
            || s_automatic.Contains(name)).ToArray())
            start.Environment.Remove(name);
        start.Environment["HF_HUB_CACHE"] = hub.Cache;
        start.Environment["HF_ENDPOINT"] = hub.Server.Endpoint.ToString();
        start.Environment["HF_HOME"] = hub.Folder;
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        return new ToolProcess(Process.Start(start)!);
    }

    public static async Task<(int Code, string Output, string Error)> RunAsync(
        HubFixture hub,
        IReadOnlyList<string> arguments,
        params (string Name, string Value)[] variables)
    {
        using ToolProcess tool = Start(hub, arguments, variables);
        return await tool.EndAsync();
    }

    /// <summary>Runs the command with --json.</summary>
    public static async Task<(int Code, JsonElement Output)> JsonAsync(HubFixture hub, params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync(hub, [.. arguments, "--json"]);
        Assert.True(output.Length > 0, error);
        using JsonDocument document = JsonDocument.Parse(output);
        return (code, document.RootElement.Clone());
    }

    public bool HasEnded => _process.HasExited;

    public async Task<(int Code, string Output, string Error)> EndAsync()
    {
        await _process.WaitForExitAsync(HubFixture.Token);
        return (_process.ExitCode, await _output, await _error);
    }

    /// <summary>Ends it as the system would: no handler runs.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Asks it to end, as Ctrl+C does.</summary>
    public void Interrupt()
    {
        using Process kill = Process.Start("kill", ["-INT", _pidFile is null ? $"{_process.Id}" : File.ReadAllText(_pidFile).Trim()]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
