using System.Globalization;

namespace RecursiveMas.DeliberationSample;

/// <summary>Shows a question on its way: text as it is written, calls of tools and their results as they happen.</summary>
internal static class ToolScreen
{
    public static async Task ShowAsync(MasSystem mas, MasQuestion question, TextWriter output, CancellationToken cancellationToken = default)
    {
        await foreach (MasUpdate update in mas.AskStreamingAsync(question, null, cancellationToken))
        {
            await output.WriteAsync(update switch
            {
                StageStarted stage => $"\n[{stage.Agent}, round {stage.Round} of {stage.Rounds}] ",
                TokenWritten token => token.Text,
                ToolCallStarted call => $"\n  {call.Tool} runs ...",
                ToolCallCompleted call => string.Create(
                    CultureInfo.InvariantCulture, $" {call.Duration.TotalSeconds:0.0} s{(call.ExitCode is { } code ? $", exit status {code}" : "")}\n  ") +
                    call.Output.ReplaceLineEndings("\n  ") + "\n",
                ToolLimitReached limit => $"\n  no more than {limit.MaxCalls} calls\n",
                AnswerPassStarted pass => pass.Addition,
                AnswerReady ready => Answer(ready.Answer),
                _ => "",
            });
            await output.FlushAsync(cancellationToken);
        }
    }

    private static string Answer(MasAnswer answer)
    {
        string missing = string.Concat(answer.Tools?.Unavailable.Select(tool => $"\nwithout {tool.Key}: {tool.Value}") ?? []);
        return $"\n\nanswer: {answer.Extracted?.Value ?? "none"} after {answer.Tools?.Calls.Count ?? 0} calls{missing}\n";
    }
}
