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
                await KillAsync(process, ended).ConfigureAwait(false);
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

    /// <summary>
    /// Ends a sandbox by its first process, so that those around it end by themselves and bury it; what has none, or does not end, process by process.
    /// </summary>
    private static async Task KillAsync(Process process, Task ended)
    {
        try
        {
            if (ProcessTree.NamespaceInit(process.Id) is { } init)
            {
                using (var first = Process.GetProcessById(init))
                    first.Kill();
                await Task.WhenAny(ended, Task.Delay(s_settle)).ConfigureAwait(false);
            }

            if (!ended.IsCompleted)
            {
                int[] members = [.. ProcessTree.Below(process.Id)];
                process.Kill(entireProcessTree: true);
                // Killed is not yet dead.
                for (long since = Stopwatch.GetTimestamp(); members.Any(ProcessTree.IsAlive) && Stopwatch.GetElapsedTime(since) < s_grace;)
                    await Task.Delay(s_look).ConfigureAwait(false);
            }
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
