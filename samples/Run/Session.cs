using System.Globalization;
using RecursiveMas.QuickStart;
using Spectre.Console;

namespace RecursiveMas.RunSample;

/// <summary>One run: loads questions and system, asks, writes the report, says what came of it.</summary>
internal static class Session
{
    /// <summary>Runs and returns the exit code.</summary>
    public static async Task<int> RunAsync(Settings settings, Screen screen, CancellationToken cancellation)
    {
        try
        {
            return await RunToEndAsync(settings, screen, cancellation);
        }
        catch (InvalidOptionException error)
        {
            screen.Fail(Arguments.Shortened(OptionNames.Of(error)));
            return ExitCode.Usage;
        }
        catch (FormatException error)
        {
            screen.Fail(Arguments.Shortened(error.Message));
            return ExitCode.Usage;
        }
        catch (RecursiveMasException error)
        {
            screen.Fail(OptionNames.In(error));
            return ExitCode.Failed;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            screen.Fail(error.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            screen.Note($"[yellow]Cancelled. The same command goes on from here.[/]");
            return ExitCode.Cancelled;
        }
    }

    private static async Task<int> RunToEndAsync(Settings settings, Screen screen, CancellationToken cancellation)
    {
        // Hours later it would be too late to find out.
        if (settings.ResultJsonl is { } copy && (Directory.Exists(copy) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(copy)))))
            throw new FormatException($"--result_jsonl: {copy} is a folder, or in a folder that is not there.");
        if (settings.Compare.FirstOrDefault(other => !File.Exists(Path.Combine(other, RunManifest.FileName))) is { } none)
            throw new FormatException($"--compare: {none} is no folder of a run, which holds {RunManifest.FileName}.");
        EvaluationResult[] others = [.. settings.Compare.Select(EvaluationResult.Load)];
        foreach (string note in settings.Notes)
            screen.Note($"[grey]{note}[/]");
        StyleDefinition? style = StyleOf(settings);
        using OwnCheckpoints? own = !settings.HasOwnParts ? null : OwnCheckpoints.Create(
            style ?? throw new FormatException("--style names the system whose parts lie elsewhere."),
            settings,
            Directory.Exists(settings.System) ? settings.System : null);
        QuestionSet questions = await QuestionLoader.LoadAsync(settings, style?.Name ?? settings.System, screen, cancellation);
        (settings, IReadOnlyList<string> notes) = Recommended.Complete(settings, style, questions.Name);
        foreach (string note in notes)
            screen.Note($"[grey]{note}[/]");
        foreach (DataFault fault in questions.Faults.Take(10))
            screen.Note($"[yellow]{questions.Name}, question {fault.QuestionId}: {fault.Message}[/]");

        int noGold = questions.Questions.Count(question => question.Gold is null && question.Tests is null);
        if (noGold > 0)
            screen.Note($"[yellow]{noGold} of {questions.Questions.Count} questions have no answer to compare with and count as wrong.[/]");

        using CodeJudge? judge = QuestionLoader.Judge(settings.Questions, questions);
        if (judge is not null)
            await judge.RequireAsync(cancellation);
        await using MasSystem mas = await LoadAsync(settings, own?.Folder, style, screen, cancellation);
        string folder = settings.Output ?? Path.Combine("runs", $"{mas.Style.Name}-{questions.Name}");
        IReadOnlyList<EvaluationVariant> variants = EvaluationVariant.Plan(settings.Rounds!, settings.LatentSteps!, settings.Controls);
        using HostedJudge? hosted = HostedJudge.Create(settings, questions);
        if (hosted is null && settings.JudgeModel is not null)
            screen.Note($"[grey]--judge_model has no effect: answers to {questions.Name} are not compared as texts[/]");
        using StreamWriter? log = settings.Log is { } path ? new StreamWriter(path, append: true) : null;
        var options = new EvaluationOptions
        {
            Variants = variants,
            Rollouts = settings.Rollouts!.Value,
            Seed = settings.SampleSeed ?? settings.Seed!.Value,
            BatchSize = settings.BatchSize!.Value,
            CodeJudge = judge,
            AnswerJudge = hosted?.Judge,
            Log = log,
        };
        string names = string.Join(", ", variants.Select(one => one.Name));
        screen.Note($"[grey]{questions.Questions.Count} questions, {variants.Count} variants ({names}), into {folder}[/]");
        EvaluationResult result = await EvaluationRun.RunAsync(mas, questions, options, folder, new ProgressLine(screen, TimeProvider.System), cancellation);
        await EvaluationReport.WriteAsync(result, folder, others, cancellation);
        if (settings.ResultJsonl is { } file)
            File.Copy(Path.Combine(folder, $"{variants[0].Name}.jsonl"), file, overwrite: true);
        Show(result, folder, screen, best: settings.SearchesSteps);
        return result.Variants.All(one => one.Questions.All(question => question.Error is not null)) ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>The system that the names mean; null for a folder, which tells itself.</summary>
    private static StyleDefinition? StyleOf(Settings settings) =>
        Systems.Find(settings.Style ?? settings.System);

    private static async Task<MasSystem> LoadAsync(Settings settings, string? folder, StyleDefinition? style, Screen screen, CancellationToken cancellation)
    {
        var options = new MasOptions
        {
            Style = folder is null ? settings.Style : style!.Name,
            Device = settings.Device,
            Dtype = settings.Dtype,
            LinkDtype = settings.LinkDtype ?? ModelDtype.Auto,
            Residency = settings.Residency ?? ModelResidency.All,
            Weights = settings.Weights ?? WeightFormat.Auto,
            MemoryCheck = settings.MemoryCheck ?? MemoryCheck.Refuse,
            Compatibility = settings.Compatibility!.Value,
            Prompts = settings.Prompts is not { } prompts ? null
                : File.Exists(prompts) ? PromptCatalogue.Load(prompts) : PromptCatalogue.BuiltIn(prompts),
            Offline = settings.Offline,
            MaxConcurrency = settings.BatchSize!.Value,
            MaxNewTokens = settings.MaxNewTokens,
            Sampling = settings.Sampling,
            AnswerPass = settings.AnswerPass,
            AnswerPassTokens = settings.AnswerPassTokens,
            EnableThinking = settings.EnableThinking,
            Tools = style?.Name == "deliberation" ? Systems.Tools(settings.Tools) : null,
            Download = MasDownload.Ask,
            ConfirmDownload = async (request, token) =>
            {
                screen.Note($"{request}");
                return settings.Yes || !screen.CanAsk || await screen.AskAsync(new ConfirmationPrompt("Download?"), token);
            },
        };
        var reporter = new LoadReporter(screen, style?.Name ?? settings.System, TimeProvider.System);
        MasSystem mas = await MasSystem.LoadAsync(folder ?? settings.System, options, reporter, cancellationToken: cancellation);
        reporter.Finish();
        foreach (string warning in mas.Warnings)
            screen.Note($"[yellow]{warning}[/]");
        return mas;
    }

    private static void Show(EvaluationResult result, string folder, Screen screen, bool best)
    {
        Table table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape($"{result.Manifest.SystemName} on {result.Manifest.QuestionsName}"))
            .AddColumns("variant", "strict", "95 %", "reference", "unparsed", "tokens", "latent steps", "seconds");
        foreach (VariantResult one in result.Variants)
        {
            VariantSummary sums = one.Summary;
            table.AddRow(
                one.Variant.Name, Percent(sums.Strict.Questions.Rate), $"{sums.Strict.Questions.Wilson()}", Percent(sums.Reference.Questions.Rate),
                Percent(sums.Unparsed.Rate), Number(sums.GeneratedTokens), Number(sums.LatentSteps),
                sums.Seconds.ToString("0.00", CultureInfo.InvariantCulture));
        }

        screen.Table(table);
        foreach (VariantResult one in result.Variants)
        {
            if (one.Questions.FirstOrDefault(question => question.Error is not null) is { Error: { } error } failed)
            {
                int count = one.Summary.Failed.Successes;
                string number = count == one.Questions.Count ? $"all {count}" : $"{count} of {one.Questions.Count}";
                string why = $"Question {failed.Index + 1}: {Arguments.Shortened(error)}";
                screen.Note($"[yellow]{one.Variant.Name}: {number} questions failed and count as wrong. {why}[/]");
            }
        }

        foreach (VariantResult one in result.Variants.Where(one => one.Summary.JudgedRight is not null))
        {
            Proportion right = one.Summary.JudgedRight!.Value;
            screen.Note($"{one.Variant.Name}: {Percent(right.Rate)} % right as {result.Manifest.Content["options"]!["answer_judge"]} judges");
        }

        screen.Note($"Report: {Path.Combine(folder, EvaluationReport.HtmlFile)}");
        VariantResult main = best
            ? result.Variants.Where(one => one.Variant.Method == EvaluationMethod.Latent && one.Variant.Rounds == result.Variants[0].Variant.Rounds)
                .MaxBy(one => one.Summary.Reference.Questions.Rate)!
            : result.Variants[0];
        if (best)
            screen.Note($"Best number of latent steps: {main.Variant.LatentSteps}. Chosen on the questions that it is measured on, which flatters it.");
        screen.Answer(string.Create(CultureInfo.InvariantCulture, $"accuracy={100 * main.Summary.Reference.Questions.Rate:0.00}%\n"));
    }

    private static string Percent(double rate) => (100 * rate).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
