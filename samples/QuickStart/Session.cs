using Spectre.Console;

namespace RecursiveMas.QuickStart;

/// <summary>Loads a system and answers: one question, samples, or a conversation.</summary>
internal static class Session
{
    private static readonly IAnsiConsole s_errors = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public static async Task<int> RunAsync(string system, MasOptions options, TaskKind kind, string question, FileInfo? trace, CancellationToken cancellation)
    {
        try
        {
            AnsiConsole.MarkupLineInterpolated($"[grey]Loading {system} ...[/]");
            await using MasSystem mas = await MasSystem.LoadAsync(system, options, cancellationToken: cancellation);
            AnsiConsole.MarkupLineInterpolated($"[bold]{mas.Style.Name}[/]: {mas.Style.Description}");
            using StreamWriter? traceWriter = trace?.CreateText();
            var reporter = new Reporter(traceWriter);
            if (question.Length > 0)
            {
                await reporter.ShowAsync(mas, new MasQuestion(question) { Kind = kind }, cancellation);
                return 0;
            }

            await Samples.ShowAsync(mas, cancellation);
            await ConverseAsync(mas, reporter, kind, cancellation);
            return 0;
        }
        catch (RecursiveMasException error)
        {
            s_errors.MarkupLineInterpolated($"[red]{error.Message}[/]");
            return 1;
        }
        catch (OperationCanceledException)
        {
            s_errors.MarkupLine("[yellow]Cancelled.[/]");
            return 130;
        }
    }

    private static async Task ConverseAsync(MasSystem mas, Reporter reporter, TaskKind kind, CancellationToken cancellation)
    {
        if (Console.IsInputRedirected)
            return;
        while (true)
        {
            AnsiConsole.WriteLine();
            string question = await new TextPrompt<string>("Question (empty to leave):").AllowEmpty().ShowAsync(AnsiConsole.Console, cancellation);
            if (string.IsNullOrWhiteSpace(question))
                return;
            try
            {
                await reporter.ShowAsync(mas, new MasQuestion(question) { Kind = kind }, cancellation);
            }
            catch (RecursiveMasException error)
            {
                s_errors.MarkupLineInterpolated($"[red]{error.Message}[/]");
            }
        }
    }
}
