using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.AgentTools.Tests.Sandbox;

/// <summary>
/// Programs that try to leave the sandbox or to exhaust the machine: none succeeds, each call comes back in time, and nothing of it is left. Where a
/// machine cannot isolate, these tests fail.
/// </summary>
[Collection(PythonSandbox.Collection)]
public sealed class EscapeTests : IDisposable
{
    private const string SecretName = "RECURSIVEMAS_ESCAPE_SECRET", Socket = "recursivemas-escape";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(3), s_slack = TimeSpan.FromSeconds(7);
    private static readonly PythonTool s_python = new(new PythonOptions { TimeLimit = s_limit, MaxMemoryBytes = 512 << 20 });

    private readonly TemporaryFolder _folder = new();
    private readonly TcpListener _listener = new(IPAddress.IPv6Any, 0);
    private readonly System.Net.Sockets.Socket _abstract = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public EscapeTests()
    {
        Environment.SetEnvironmentVariable(SecretName, "secret");
        _folder.Write("secret.txt", "secret");
        _listener.Server.DualMode = true;
        _listener.Start();
        _abstract.Bind(new UnixDomainSocketEndPoint($"\0{Socket}"));
        _abstract.Listen();
    }

    public static IEnumerable<TheoryDataRow<string>> Names() => Goldens.Rows([.. EscapePrograms.All.Keys], "escapes");

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Nothing_gets_out_and_nothing_stays(string name)
    {
        (string ends, string code) = EscapePrograms.All[name];
        string[] files = PythonSandbox.TemporaryFiles();
        long started = Stopwatch.GetTimestamp();
        ToolResult result = await s_python.RunAsync(Fill(code), TestContext.Current.CancellationToken);
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        Assert.DoesNotContain("ESCAPED", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("SyntaxError", result.Output, StringComparison.Ordinal);
        if (ends == "kept")
            Assert.StartsWith("kept", result.Output, StringComparison.Ordinal);
        else if (ends == "stopped")
            Assert.True(result.ExitCode is null && result.Output.Contains("was stopped", StringComparison.Ordinal), result.Output);
        Assert.True(took < s_limit + s_slack, $"{took} passed");
        Assert.Empty(PythonSandbox.Running());
        Assert.Equal(files, PythonSandbox.TemporaryFiles());
        Assert.Equal("secret", await File.ReadAllTextAsync(_folder.Path("secret.txt"), TestContext.Current.CancellationToken));
        Assert.False(_listener.Pending());
    }

    [Fact]
    public void There_are_at_least_sixty() => Assert.True(EscapePrograms.All.Count >= 60, $"{EscapePrograms.All.Count}");

    public void Dispose()
    {
        _listener.Dispose();
        _abstract.Dispose();
        _folder.Dispose();
    }

    private string Fill(string code) => code
        .Replace("$PID", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("$PORT", ((IPEndPoint)_listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("$SOCKET", Socket, StringComparison.Ordinal)
        .Replace("$FILE", _folder.Path("secret.txt"), StringComparison.Ordinal)
        .Replace("$HOME", Environment.GetEnvironmentVariable("HOME") ?? "/root", StringComparison.Ordinal)
        .Replace("$SECRET", SecretName, StringComparison.Ordinal);
}
