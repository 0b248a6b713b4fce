using System.Diagnostics;

namespace RecursiveMas.Styles.Tests.QuickStart;

/// <summary>QuickStart in a process of its own, both streams redirected.</summary>
internal sealed class QuickStartProcess : IDisposable
{
    private readonly Process _process;

    private QuickStartProcess(Process process) => _process = process;

    public StreamReader Output => _process.StandardOutput;

    public StreamReader Error => _process.StandardError;

    public static QuickStartProcess Start(params string[] arguments) => Start([], arguments);

    /// <summary>Starts it by a shell that redirects its streams, for example with "> /dev/full".</summary>
    public static QuickStartProcess StartRedirected(string redirection, params string[] arguments) =>
        Start(["sh", "-c", $"exec \"$@\" {redirection}", "sh"], arguments);

    private static QuickStartProcess Start(string[] before, string[] arguments)
    {
        // Jobs that a shell runs in the background ignore Ctrl+C, and so would their children.
        string[] listening = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT"] : [];
        string[] words = [.. listening, .. before, "dotnet", Path.Combine(AppContext.BaseDirectory, "QuickStart.dll"), .. arguments];
        var start = new ProcessStartInfo(words[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (string word in words[1..])
            start.ArgumentList.Add(word);
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new QuickStartProcess(process);
    }

    /// <summary>Asks it to stop, as Ctrl+C does.</summary>
    public void Interrupt()
    {
        using Process kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    public async Task<int> EndAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
