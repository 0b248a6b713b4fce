using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace RecursiveMas.QuickStart;

/// <summary>Shows a run as it happens: a line for each stage, the answer as it is written, then time and counts.</summary>
internal sealed class Reporter(StreamWriter? trace)
{
    // A carriage return only makes sense where a person watches.
    private readonly bool _live = !Console.IsOutputRedirected;

    public async Task ShowAsync(MasSystem mas, MasQuestion question, CancellationToken cancellation)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]Q:[/] {question.Text}");
        long started = Stopwatch.GetTimestamp();
        bool writing = false;
        int rounds = 1;
        await foreach (MasUpdate update in mas.AskStreamingAsync(question, cancellationToken: cancellation))
        {
            switch (update)
            {
                case StageStarted stage:
                    rounds = stage.Rounds;
                    writing = stage.Action == StageAction.Write;
                    if (writing)
                        AnsiConsole.MarkupInterpolated($"[blue]round {stage.Round}/{stage.Rounds}  {stage.Agent} writes:[/] ");
                    break;
                case LatentStepTaken step:
                    if (_live)
                        Console.Write($"\rround {step.Round}/{rounds}  {step.Agent,-10} latent step {step.Step}/{step.Steps}");
                    break;
                case AnswerPassStarted pass:
                    Console.Write(pass.Addition);
                    break;
                case TokenWritten token:
                    Console.Write(token.Text);
                    break;
                case StageCompleted stage:
                    // Agents of one stage work side by side, so a finished one writes its whole line anew.
                    Console.WriteLine(writing ? "" : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{(_live ? "\r" : "")}round {stage.Round}/{rounds}  {stage.Agent,-10} has thought   {stage.Duration.TotalMilliseconds:0} ms     "));
                    break;
                case HopCrossed hop:
                    trace?.WriteLine(HopJson.Of(hop));
                    break;
                case AnswerReady { Answer: var answer }:
                    Summarise(answer, Stopwatch.GetElapsedTime(started));
                    break;
            }
        }
    }

    private static void Summarise(MasAnswer answer, TimeSpan elapsed)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold green]A:[/] {answer.Text}");
        if (answer.Extracted is { Source: AnswerSource.AnswerPass, Value: var value })
            AnsiConsole.MarkupLineInterpolated($"[yellow]The text held no answer; the writer gave \"{value}\" when it was asked once more.[/]");
        AnsiConsole.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"[grey]{elapsed.TotalSeconds:0.00} s, {answer.Rounds} rounds, {answer.Trace.Count} hops, {answer.Usage.PromptTokens} prompt positions, {answer.Usage.LatentVectors} latent steps, {answer.Usage.GeneratedTokens} tokens[/]");
    }
}
