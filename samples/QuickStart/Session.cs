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
            using TraceFile? trace = settings.Trace is { } lines ? new TraceFile("--trace", lines) : null;
            using TraceFile? page = settings.TraceHtml is { } html ? new TraceFile("--trace-html", html) : null;
            await using MasSystem mas = await LoadAsync(settings, screen, cancellation);
            foreach (string warning in mas.Warnings)
                screen.Note($"[yellow]{OptionWords.Of(warning)}[/]");
            screen.Note($"[grey]{(oneModel ? OneModel.Describe(settings, mas) : $"{mas.Style.Name}: {mas.Style.Description}")}[/]");
            if (mas.Agents[mas.Style.Graph.Writer] is LatentAgent { Model.Device: { type: not TorchSharp.DeviceType.CPU } device })
                screen.Note($"[grey]Computes on {device}.[/]");
            var reporter = new Reporter(screen, mas.Style.Graph.Writer, trace, page);
            if (settings.Question.Length > 0)
            {
                await AskAsync(mas, settings, settings.Question, screen, reporter, cancellation);
                return ExitCode.Done;
            }

            if (screen.Questions is { } questions && await NextAsync(questions, cancellation) is { } first)
                return await AnswerLinesAsync(mas, settings, first, questions, screen, reporter, cancellation);
            await SampleQuestions.ShowAsync(mas, screen, cancellation);
            await ConverseAsync(mas, settings, screen, reporter, cancellation);
            return ExitCode.Done;
        }
        catch (InvalidOptionException error)
        {
            screen.Fail(OptionWords.Of(error));
            return ExitCode.Usage;
        }
        catch (RecursiveMasException error)
        {
            screen.Fail(OptionWords.Of(error));
            return ExitCode.Failed;
        }
        catch (TraceException error)
        {
            screen.Fail(error.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            screen.Note($"[yellow]Cancelled.[/]");
            return ExitCode.Cancelled;
        }
    }

    private static async Task<MasSystem> LoadAsync(Settings settings, Screen screen, CancellationToken cancellation)
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
        var reporter = new LoadReporter(screen, name, TimeProvider.System);
        MasSystem mas = await MasSystem.LoadAsync(settings.System, options, reporter, cancellationToken: cancellation);
        reporter.Finish();
        return mas;
    }

    private static Task AskAsync(MasSystem mas, Settings settings, string question, Screen screen, Reporter reporter, CancellationToken cancellation)
    {
        if (TinyQuestions.Remark(mas.Style, settings.Options.Rounds, question) is { } remark)
            screen.Note($"[yellow]{remark}[/]");
        return reporter.ShowAsync(mas.AskStreamingAsync(new MasQuestion(question) { Kind = settings.Kind ?? TaskKind.Math }, null, cancellation));
    }

    /// <summary>Answers questions that come from a file or a pipe, each on a line; one that fails does not keep the others from their answers.</summary>
    private static async Task<int> AnswerLinesAsync(
        MasSystem mas,
        Settings settings,
        string first,
        TextReader lines,
        Screen screen,
        Reporter reporter,
        CancellationToken cancellation)
    {
        int code = ExitCode.Done;
        for (string? question = first; question is not null; question = await NextAsync(lines, cancellation))
        {
            screen.Note($"[grey]Question: {question}[/]");
            if (!await TryAskAsync(mas, settings, question, screen, reporter, cancellation))
                code = ExitCode.Failed;
        }

        return code;
    }

    /// <summary>The next line with a question; null at the end.</summary>
    private static async Task<string?> NextAsync(TextReader lines, CancellationToken cancellation)
    {
        // A pipe is read by blocking, and whoever holds its other end may never write.
        while (await Task.Run(lines.ReadLine, CancellationToken.None).WaitAsync(cancellation) is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
                return line.Trim();
        }

        return null;
    }

    private static async Task ConverseAsync(MasSystem mas, Settings settings, Screen screen, Reporter reporter, CancellationToken cancellation)
    {
        while (screen.CanAsk)
        {
            string question = await screen.AskAsync(new TextPrompt<string>("Question (empty to leave):").AllowEmpty(), cancellation);
            if (string.IsNullOrWhiteSpace(question))
                return;
            await TryAskAsync(mas, settings, question, screen, reporter, cancellation);
        }
    }

    private static async Task<bool> TryAskAsync(
        MasSystem mas,
        Settings settings,
        string question,
        Screen screen,
        Reporter reporter,
        CancellationToken cancellation)
    {
        try
        {
            await AskAsync(mas, settings, question, screen, reporter, cancellation);
            return true;
        }
        catch (RecursiveMasException error)
        {
            screen.Fail(OptionWords.Of(error));
            return false;
        }
    }
}
