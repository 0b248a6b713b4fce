using System.Diagnostics;
using System.Text.Json;

namespace RecursiveMas.Benchmarks;

/// <summary>The official tokenizers engine in a node process, commanded line by line.</summary>
internal sealed class EngineProcess : IDisposable
{
    private readonly Process _node;

    public EngineProcess(string script, string folder) => _node = Start(script, folder);

    public static void RunScript(string script, params string[] arguments)
    {
        using Process node = Start([script, .. arguments]);
        node.WaitForExit();
        if (node.ExitCode != 0)
            throw new InvalidOperationException($"{script} failed.");
    }

    public void Text(string file) => Command(new { text = file });

    public void Load(string file) => Command(new { load = file });

    public void Encode() => Command(new { encode = true });

    public void Dispose()
    {
        _node.StandardInput.Close();
        _node.WaitForExit();
        _node.Dispose();
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["TOKENIZERS_PARALLELISM"] = "false";
        return Process.Start(start)!;
    }

    private void Command(object command)
    {
        _node.StandardInput.WriteLine(JsonSerializer.Serialize(command));
        _node.StandardInput.Flush();
        if (_node.StandardOutput.ReadLine() is null)
            throw new InvalidOperationException("The engine's process ended.");
    }
}
