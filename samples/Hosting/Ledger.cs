using Microsoft.Extensions.Hosting;

namespace RecursiveMas.HostingSample;

/// <summary>
/// Asks the system of the host three questions at once, and ends the host. A host makes its services before it starts, so this one waits for the system.
/// </summary>
internal sealed class Ledger(MasSystemSource source, IHostApplicationLifetime host) : BackgroundService
{
    private static readonly string[] s_questions =
    [
        "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?",
        "Tom has 4 cards. January times 3. February gets 6. March loses 9. April gets 8. How many cards?",
        "Mia has 5 coins. January gets 4. February times 2. How many coins?",
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        MasSystem mas = await source.GetAsync(stoppingToken);
        MasAnswer[] answers = await Task.WhenAll(s_questions.Select(question => mas.AskAsync(question, stoppingToken)));
        foreach ((string question, MasAnswer answer) in s_questions.Zip(answers))
            Console.WriteLine($"{question} {answer.Extracted?.Value}");
        host.StopApplication();
    }
}
