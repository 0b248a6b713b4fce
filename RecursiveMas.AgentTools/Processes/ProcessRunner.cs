using System.ComponentModel;
using System.Diagnostics;

namespace RecursiveMas.Processes;

/// <summary>Runs a program within limits; when the call returns, the program and every process under it have ended.</summary>
internal static class ProcessRunner
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(25), s_settle = TimeSpan.FromSeconds(2), s_grace = TimeSpan.FromSeconds(5);

    /// <exception cref="Win32Exception">The program could not be started.</exception>
    public static async Task<ProcessOutcome> RunAsync(ProcessCommand command, ProcessLimits limits, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using Process process = Start(command);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(limits.Time);
        var end = ProcessEnd.Exited;
        void Stop(ProcessEnd why)
        {
            if (end == ProcessEnd.Exited)
                end = why;
            stop.Cancel();
        }

        var output = new BoundedReader(limits.OutputBytes, () => Stop(ProcessEnd.TooMuchOutput));
        var error = new BoundedReader(limits.OutputBytes, () => Stop(ProcessEnd.TooMuchOutput));
        // Outputs end when nobody is left who could write to them.
        Task reading = Task.WhenAll(
            output.ReadAsync(process.StandardOutput.BaseStream),
            error.ReadAsync(process.StandardError.BaseStream),
            WriteAsync(process.StandardInput, command.Input));
        Task ended = Task.WhenAll(reading, process.WaitForExitAsync(CancellationToken.None));
        bool killed = false;
        while (!ended.IsCompleted && !killed)
        {
            if (limits.MemoryBytes is { } most && ProcessTree.Memory(process.Id) > most)
                Stop(ProcessEnd.TooMuchMemory);
            if (stop.IsCancellationRequested)
            {
                killed = true;
                await KillAsync(process, command.Mark, ended).ConfigureAwait(false);
            }
            else
            {
                await Task.WhenAny(ended, DelayAsync(stop.Token)).ConfigureAwait(false);
            }
        }

        await EndAsync(process, ended).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (killed && end == ProcessEnd.Exited)
            end = ProcessEnd.TimedOut;
        return new ProcessOutcome(end, end == ProcessEnd.Exited ? process.ExitCode : null, output.Text, error.Text);
    }

    /// <summary>Waits for the outputs to end; where a process has left the tree and holds them open, which no sandbox allows, they are closed.</summary>
    private static async Task EndAsync(Process process, Task ended)
    {
        if (await Task.WhenAny(ended, Task.Delay(s_grace)).ConfigureAwait(false) != ended)
        {
            process.StandardOutput.Dispose();
            process.StandardError.Dispose();
        }

        await Task.WhenAny(ended).ConfigureAwait(false);
    }

    private static Process Start(ProcessCommand command)
    {
        var start = new ProcessStartInfo(command.File, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = command.Folder,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in command.Environment)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new Win32Exception($"{command.File} could not be started.");
    }

    private static async Task WriteAsync(StreamWriter writer, string input)
    {
        try
        {
            await writer.BaseStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(input)).ConfigureAwait(false);
            writer.Close();
        }
        catch (IOException)
        {
            // It has ended without reading.
        }
    }

    /// <summary>Ends a sandbox by its first process, so that those around it end by themselves and bury it, and then whatever is left.</summary>
    private static async Task KillAsync(Process process, string? mark, Task ended)
    {
        if (ProcessTree.NamespaceInit(process.Id) is { } init)
        {
            Kill(init, entireTree: false);
            await Task.WhenAny(ended, Task.Delay(s_settle)).ConfigureAwait(false);
        }

        int[] members = [.. ProcessTree.Below(process.Id)];
        if (mark is null && !ended.IsCompleted)
            Kill(process.Id, entireTree: true);
        // A sandbox that is stopped while it is made may have processes that have lost their parents, and that show no arguments while they start a program;
        // all hold the outputs open. And killed is not yet dead.
        for (long since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < s_grace;)
        {
            int[] left = mark is null ? Array.FindAll(members, ProcessTree.IsAlive) : ProcessTree.Marked(mark);
            if (left.Length == 0 && (mark is null || ended.IsCompleted))
                break;
            foreach (int one in mark is null ? [] : left)
                Kill(one, entireTree: false);
            await Task.Delay(s_look).ConfigureAwait(false);
        }
    }

    private static void Kill(int id, bool entireTree)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill(entireTree);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }

    private static async Task DelayAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(s_look, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
