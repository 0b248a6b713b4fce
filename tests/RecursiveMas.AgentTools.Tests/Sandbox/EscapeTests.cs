using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.AgentTools.Tests.Sandbox;

/// <summary>
/// Programs that try to leave the sandbox or to exhaust the machine: none succeeds, each call comes back in time, and nothing of it is left. Where a
/// machine cannot isolate, these tests fail.
/// </summary>
[Collection(SandboxRuns.Collection)]
public sealed partial class EscapeTests : IDisposable
{
    private const string SecretName = "RECURSIVEMAS_ESCAPE_SECRET";
    private static readonly string s_socket = $"recursivemas-escape-{Environment.ProcessId}";
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(8);
    private static readonly PythonOptions s_short = new() { TimeLimit = TimeSpan.FromSeconds(1.5), MaxMemoryBytes = 256 << 20 };

    // Programs that end by themselves have the time that a busy machine takes.
    private static readonly PythonOptions s_long = s_short with { TimeLimit = TimeSpan.FromSeconds(20) };
    private static readonly Dictionary<PythonOptions, PythonTool> s_tools = new() { [s_short] = new(s_short), [s_long] = new(s_long) };

    private readonly TemporaryFolder _folder = new();
    // What a caller was started with, or native code has opened, goes on to its children.
    private readonly SafeFileHandle _inherited;
    private readonly TcpListener _listener = new(IPAddress.IPv6Any, 0);
    private readonly System.Net.Sockets.Socket _abstract = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public EscapeTests()
    {
        Environment.SetEnvironmentVariable(SecretName, "secret");
        _folder.Write("secret.txt", "secret");
        using (SafeFileHandle file = File.OpenHandle(_folder.Path("secret.txt")))
            _inherited = new SafeFileHandle(Duplicate((int)file.DangerousGetHandle()), ownsHandle: true);
        _listener.Server.DualMode = true;
        _listener.Start();
        _abstract.Bind(new UnixDomainSocketEndPoint($"\0{s_socket}"));
        _abstract.Listen();
    }

    public static IEnumerable<TheoryDataRow<string>> Names() => Goldens.Rows([.. EscapePrograms.All.Keys], "escapes");

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Nothing_gets_out_and_nothing_stays(string name)
    {
        (string ends, string code) = EscapePrograms.All[name];
        PythonOptions options = ends is "kept" or "memory" or "output" ? s_long : s_short;
        await s_tools[options].InspectAsync(TestContext.Current.CancellationToken);
        string[] files = SandboxRuns.TemporaryFiles();
        long started = Stopwatch.GetTimestamp();
        ToolResult result = await s_tools[options].RunAsync(Fill(code), TestContext.Current.CancellationToken);
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        Assert.DoesNotContain("ESCAPED", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("SyntaxError", result.Output, StringComparison.Ordinal);
        if (ends == "kept")
            Assert.StartsWith("kept", result.Output, StringComparison.Ordinal);
        else if (ends != "any")
            Assert.StartsWith(ends == "stopped" ? "[timeout]" : $"[{ends} limit]", result.Output, StringComparison.Ordinal);
        Assert.True(took < options.TimeLimit + s_slack, $"{took} passed");
        Assert.Empty(SandboxRuns.Running());
        Assert.Equal(files, SandboxRuns.TemporaryFiles());
        Assert.Equal("secret", await File.ReadAllTextAsync(_folder.Path("secret.txt"), TestContext.Current.CancellationToken));
        Assert.False(_listener.Pending());
    }

    [Fact]
    public void There_are_at_least_sixty() => Assert.True(EscapePrograms.All.Count >= 60, $"{EscapePrograms.All.Count}");

    public void Dispose()
    {
        _listener.Dispose();
        _abstract.Dispose();
        _inherited.Dispose();
        _folder.Dispose();
    }

    /// <summary>Another number for an open file; programs that are started inherit it.</summary>
    [LibraryImport("libc", EntryPoint = "dup")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int file);

    private string Fill(string code) => code
        .Replace("$PID", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("$PORT", ((IPEndPoint)_listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("$SOCKET", s_socket, StringComparison.Ordinal)
        .Replace("$FILE", _folder.Path("secret.txt"), StringComparison.Ordinal)
        .Replace("$HOME", Environment.GetEnvironmentVariable("HOME") ?? "/root", StringComparison.Ordinal)
        .Replace("$SECRET", SecretName, StringComparison.Ordinal);
}
