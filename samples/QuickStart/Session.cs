using Spectre.Console;

namespace RecursiveMas.QuickStart;

/// <summary>Loads a system and answers: one question, or samples and a conversation.</summary>
internal static class Session
{
    public static async Task<int> RunAsync(Settings settings, Screen screen, CancellationToken cancellation)
    {
        try
        {
            bool oneModel = OneModel.Is(settings.System);
            if (oneModel)
                settings = OneModel.Complete(settings);
            using TraceFile? trace = settings.Trace is { } file ? new TraceFile(file) : null;
            await using MasSystem mas = await LoadAsync(settings, screen, cancellation);
            foreach (string warning in mas.Warnings)
                screen.Note($"[yellow]{warning}[/]");
            screen.Note($"[grey]{(oneModel ? OneModel.Describe(settings, mas) : $"{mas.Style.Name}: {mas.Style.Description}")}[/]");
            var reporter = new Reporter(screen, mas.Style.Graph.Writer, trace);
            if (settings.Question.Length > 0)
            {
                await AskAsync(mas, settings, settings.Question, screen, reporter, cancellation);
                return ExitCode.Done;
            }

            await SampleQuestions.ShowAsync(mas, screen, cancellation);
            await ConverseAsync(mas, settings, screen, reporter, cancellation);
            return ExitCode.Done;
        }
        catch (InvalidOptionException error)
        {
            screen.Fail(CommandLine.InItsWords(error));
            return ExitCode.Usage;
        }
        catch (RecursiveMasException error)
        {
            screen.Fail(error.Message);
            return ExitCode.Failed;
        }
        catch (TraceException error)
        {
            screen.Fail($"--trace: '{settings.Trace}' cannot be written: {error.Message}");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            screen.Note($"[yellow]Cancelled.[/]");
            return ExitCode.Cancelled;
        }
    }

    private static Task<MasSystem> LoadAsync(Settings settings, Screen screen, CancellationToken cancellation)
    {
        MasOptions options = settings.Options with
        {
            Download = MasDownload.Ask,
            ConfirmDownload = async (request, token) =>
            {
                screen.Note($"{request}");
                return settings.Yes || !screen.CanAsk || await screen.AskAsync(new ConfirmationPrompt("Download?"), token);
            },
        };
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(settings.System));
        return MasSystem.LoadAsync(settings.System, options, new LoadReporter(screen, name, TimeProvider.System), cancellationToken: cancellation);
    }

    private static Task AskAsync(MasSystem mas, Settings settings, string question, Screen screen, Reporter reporter, CancellationToken cancellation)
    {
        if (TinyQuestions.Remark(mas.Style, settings.Options.Rounds, question) is { } remark)
            screen.Note($"[yellow]{remark}[/]");
        return reporter.ShowAsync(mas.AskStreamingAsync(new MasQuestion(question) { Kind = settings.Kind ?? TaskKind.Math }, null, cancellation));
    }

    private static async Task ConverseAsync(MasSystem mas, Settings settings, Screen screen, Reporter reporter, CancellationToken cancellation)
    {
        while (screen.CanAsk)
        {
            string question = await screen.AskAsync(new TextPrompt<string>("Question (empty to leave):").AllowEmpty(), cancellation);
            if (string.IsNullOrWhiteSpace(question))
                return;
            try
            {
                await AskAsync(mas, settings, question, screen, reporter, cancellation);
            }
            catch (RecursiveMasException error)
            {
                screen.Fail(error.Message);
            }
        }
    }
}
