namespace RecursiveMas.QuickStart;

/// <summary>Shows a run as it happens: a line for each stage, the answer as it is written, then time and counts.</summary>
/// <param name="screen">Where it is shown.</param>
/// <param name="writer">The agent that writes the answer.</param>
/// <param name="trace">Receives a line for each hop; null for nobody.</param>
/// <param name="page">Receives the page of each answer in place of the one before; null for nobody.</param>
internal sealed class Reporter(Screen screen, string writer, TraceFile? trace, TraceFile? page = null)
{
    /// <summary>Shows everything that happens to one question.</summary>
    public async Task ShowAsync(IAsyncEnumerable<MasUpdate> updates)
    {
        var answer = new AnswerText(screen);
        // What agents write to each other; several may write at the same time.
        var messages = new Dictionary<string, string>(StringComparer.Ordinal);
        int rounds = 1;
        bool answering = false;
        await foreach (MasUpdate update in updates)
        {
            switch (update)
            {
                case StageStarted stage:
                    rounds = stage.Rounds;
                    answering = stage.Action == StageAction.Write && stage.Agent == writer && stage.Round == rounds;
                    if (answering)
                        screen.Note($"[blue]{Place(update, rounds)} answers:[/]");
                    else
                        screen.Status($"{Place(update, rounds)} {(stage.Action == StageAction.Think ? "thinks" : "writes")}");
                    break;
                case LatentStepTaken step:
                    screen.Status($"{Place(update, rounds)} latent step {step.Step} of {step.Steps}");
                    break;
                case AnswerPassStarted pass:
                    answer.Add(pass.Addition);
                    break;
                case TokenWritten token when answering:
                    answer.Add(token.Text);
                    break;
                case TokenWritten token:
                    messages[token.Agent] = messages.GetValueOrDefault(token.Agent) + token.Text;
                    screen.Status($"{Place(update, rounds)} has written {messages[token.Agent].Length} characters");
                    break;
                case StageCompleted when answering:
                    screen.EndAnswer();
                    break;
                case StageCompleted stage:
                    screen.Note(
                        $"{Place(update, rounds)} {(stage.Action == StageAction.Think ? "thought" : "wrote")} for {stage.Duration.TotalMilliseconds:0} ms");
                    if (messages.Remove(stage.Agent, out string? message))
                        screen.Note($"[grey]{message.Trim()}[/]");
                    break;
                case HopCrossed hop:
                    trace?.Write(hop);
                    break;
                case AnswerReady ready:
                    Summarise(ready.Answer);
                    page?.Replace(ready.Answer);
                    break;
            }
        }
    }

    private static string Place(MasUpdate update, int rounds) => $"round {update.Round}/{rounds}  {update.Agent,-10}";

    private void Summarise(MasAnswer answer)
    {
        if (answer.Extracted is { Source: AnswerSource.AnswerPass, Value: var value })
            screen.Note($"[yellow]The text held no answer, so {writer} was asked for one: \"{value}\" comes from this answer pass and is less certain.[/]");
        else if (answer.AnswerPassRan)
            screen.Note($"[yellow]The text held no answer, and {writer} gave none when it was asked for one.[/]");
        if (answer.Finish == FinishReason.MaxNewTokens)
            screen.Note($"[yellow]The text was cut off at its limit of tokens; --max-new-tokens raises it.[/]");
        string rounds = answer.Rounds == 1 ? "1 round" : $"{answer.Rounds} rounds";
        MasUsage usage = answer.Usage;
        string used = $"{usage.LatentVectors} latent steps, {usage.PromptTokens} positions read, {usage.GeneratedTokens} tokens written";
        screen.Note($"[grey]{answer.Duration.TotalSeconds:0.00} s, {rounds}, {used}[/]");
    }
}
