using System.Diagnostics;
using RecursiveMas.Runs;

namespace RecursiveMas.Tools;

/// <summary>Runs the calls of one agent's text and tells what came of them.</summary>
internal sealed class ToolRunner(AgentTurn turn, AgentTools tools, bool asReference)
{
    /// <summary>Runs a call and lets the agent read the result.</summary>
    /// <param name="call">The call.</param>
    /// <param name="number">Its number within the text, from 1.</param>
    /// <param name="read">Lets the agent read a neutralised result: what was put into its text, and positions read.</param>
    /// <param name="cancellationToken">Ends the tool and the reading.</param>
    /// <returns>What was put into the text.</returns>
    public async Task<string> RunAsync(ToolCall call, int number, Func<string, Task<ReadResult>> read, CancellationToken cancellationToken)
    {
        turn.Record.Emit(new ToolCallStarted { Agent = turn.Name, Round = turn.Round, Tool = call.Tool, Input = call.Input, Call = number });
        TimeSpan startedAfter = turn.Record.Elapsed;
        long started = Stopwatch.GetTimestamp();
        (ToolResult result, string? error) = await CallAsync(call, number, cancellationToken).ConfigureAwait(false);
        TimeSpan duration = Stopwatch.GetElapsedTime(started);
        string harmless = asReference ? ToolProtocol.NeutralizeAsReference(result.Output) : ToolProtocol.Neutralize(result.Output, tools.Names);
        ReadResult done = await read(harmless).ConfigureAwait(false);
        turn.Record.Complete(new ToolCallCompleted
        {
            Agent = turn.Name,
            Round = turn.Round,
            Tool = call.Tool,
            Input = call.Input,
            Call = number,
            Output = done.Output,
            Inserted = done.Inserted,
            OutputLength = harmless.Length,
            PositionsRead = done.Positions,
            StartedAfter = startedAfter,
            Duration = duration,
            ExitCode = result.ExitCode,
            TimedOut = result.TimedOut,
            Provider = result.Provider,
            Error = error,
        });
        return done.Inserted;
    }

    private async Task<(ToolResult Result, string? Error)> CallAsync(ToolCall call, int number, CancellationToken cancellationToken)
    {
        if (tools.Unavailable.TryGetValue(call.Tool, out string? missing))
            return (NotAvailable(call), missing);
        try
        {
            ToolResult result = await tools.Tools[call.Tool]
                .RunAsync(call.Input, new ToolContext(turn.Name, turn.Round, number), cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException("The tool returned no result.");
            cancellationToken.ThrowIfCancellationRequested();
            return (result, null);
        }
        catch (ToolUnavailableException error)
        {
            return (NotAvailable(call), error.Reason);
        }
        catch (ToolInputException error)
        {
            return (new ToolResult($"[{call.Tool} error] {error.Reason}"), error.Reason);
        }
        catch (Exception error) when (error is not RecursiveMasException && !cancellationToken.IsCancellationRequested)
        {
            string fault = $"{error.GetType().Name}: {error.Message}";
            return (new ToolResult($"[{call.Tool} error] {fault}"), fault);
        }
    }

    private static ToolResult NotAvailable(ToolCall call) => new($"[{call.Tool} is not available]");

    /// <summary>What an agent has read of a result.</summary>
    /// <param name="Output">The result, cut.</param>
    /// <param name="Inserted">The same between its tags.</param>
    /// <param name="Positions">Positions read.</param>
    internal readonly record struct ReadResult(string Output, string Inserted, int Positions);
}
