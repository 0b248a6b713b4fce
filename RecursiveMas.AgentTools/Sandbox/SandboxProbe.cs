using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using RecursiveMas.Processes;
using RecursiveMas.Python;

namespace RecursiveMas.Sandbox;

/// <summary>Tries from the inside what a sandbox has to forbid.</summary>
internal static class SandboxProbe
{
    private static readonly string s_script = SandboxScripts.Read("probe.py");

    /// <summary>Runs the probe.</summary>
    /// <exception cref="SandboxException">The sandbox could not be made, or the probe did not answer.</exception>
    public static async Task<SandboxReport> RunAsync(PythonInterpreter interpreter, PythonOptions options, CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var facts = new JsonObject
        {
            ["port"] = ((IPEndPoint)listener.LocalEndpoint).Port,
            ["host_file"] = FileOfTheCaller(),
            ["variables"] = new JsonArray([.. Bubblewrap.Variables.Keys.Select(name => (JsonNode)name)]),
            ["memory"] = options.MaxMemoryBytes,
            ["processes"] = options.MaxProcesses,
            ["file"] = options.MaxFileBytes,
            ["open"] = options.MaxOpenFiles,
        };
        PythonOptions patient = options with { TimeLimit = TimeSpan.FromSeconds(60), MaxOutputBytes = 64 << 10, Prelude = true, EchoLastExpression = false };
        ProcessOutcome outcome = await new Bubblewrap(interpreter, patient)
            .RunAsync(PythonScript.Of(patient), s_script.Replace("$FACTS", facts.ToJsonString(), StringComparison.Ordinal), "", cancellationToken)
            .ConfigureAwait(false);
        return outcome.End == ProcessEnd.Exited && outcome.ExitCode == 0
            ? Read(outcome.Output, interpreter)
            : throw new SandboxException($"The sandbox could not be tried out: {outcome.End}, {outcome.ExitCode}: {outcome.Error}{outcome.Output}");
    }

    private static string FileOfTheCaller() =>
        typeof(SandboxProbe).Assembly.Location is { Length: > 0 } own && !own.StartsWith("/usr/", StringComparison.Ordinal) ? own : "/etc/passwd";

    private static SandboxReport Read(string json, PythonInterpreter interpreter)
    {
        using var document = JsonDocument.Parse(json);
        SandboxFinding[] findings =
        [
            .. from guard in Enum.GetValues<SandboxGuard>()
               let found = document.RootElement.GetProperty(guard.ToString())
               let listed = guard != SandboxGuard.Memory || ProcessTree.IsListed
               select new SandboxFinding(
                   guard,
                   found[0].GetBoolean() && listed,
                   found[1].GetString() + (listed ? "" : "; the kernel lists no children of processes (CONFIG_PROC_CHILDREN)")),
        ];
        return new SandboxReport(findings)
        {
            PythonVersion = interpreter.Version,
            SympyVersion = document.RootElement.GetProperty("sympy").GetString(),
        };
    }
}
