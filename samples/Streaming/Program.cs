using RecursiveMas;

// Everything that happens on the way to an answer, as it happens. Ctrl+C stops within one step.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    stop.Cancel();
};
await using MasSystem mas = await MasSystem.LoadAsync("sequential_tiny", cancellationToken: stop.Token);
try
{
    var question = new MasQuestion("Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?");
    await foreach (MasUpdate update in mas.AskStreamingAsync(question, new AskOptions { Rounds = 2 }, stop.Token))
    {
        Console.Write(update switch
        {
            StageStarted { Action: StageAction.Think } stage => $"round {stage.Round}: {stage.Agent} thinks ",
            StageStarted stage => $"round {stage.Round}: {stage.Agent} writes: ",
            LatentStepTaken => ".",
            HopCrossed hop => $" {hop.Shape[0]} vectors of {hop.Shape[1]} numbers to {hop.To}\n",
            TokenWritten token => token.Text,
            AnswerReady ready => $"\nThe answer is {ready.Answer.Extracted?.Value}.\n",
            _ => "",
        });
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine("\nStopped.");
}
