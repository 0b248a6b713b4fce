using System.Text.Json.Nodes;
using RecursiveMas.Results;
using RecursiveMas.Runs;

namespace RecursiveMas;

/// <summary>
/// Puts the questions of a data set to a system, in as many variants as are wanted, and writes what comes of it into a folder. A run that was ended, killed or
/// not, goes on where it stopped and comes to the same files but for times.
/// </summary>
public static class EvaluationRun
{
    /// <summary>Runs to the end, or goes on with a run to its end.</summary>
    /// <param name="system">The system; it stays loaded and stays the caller's.</param>
    /// <param name="questions">The questions.</param>
    /// <param name="options">Settings of the run.</param>
    /// <param name="folder">
    /// Folder of the run, which is made if need be: the manifest (<see cref="RunManifest.FileName"/>) and for each variant a file of JSON lines, a line a
    /// question as soon as it is there.
    /// </param>
    /// <param name="progress">Told of every question, one call at a time; it must return quickly.</param>
    /// <param name="cancellationToken">Ends the run; what is done stays in the folder.</param>
    /// <exception cref="InvalidOptionException">A setting is out of range or does not fit the questions.</exception>
    /// <exception cref="ResultsException">The folder holds another run, another process writes it, or a file of it is damaged.</exception>
    /// <exception cref="CheckpointException">A file cannot be read or written.</exception>
    public static async Task<EvaluationResult> RunAsync(
        MasSystem system, QuestionSet questions, EvaluationOptions options, string folder,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<EvaluationVariant> variants = options.Variants.Count > 0 ? options.Variants : [AsLoaded(system)];
        RunCheck.Require(system, questions, options, variants);
        RunManifest manifest = await Task.Run(
            () => ManifestWriter.Write(system, questions, options, variants, cancellationToken), cancellationToken).ConfigureAwait(false);
        using var opened = RunFolder.Open(folder, manifest);
        using var clock = new ModelClock();
        var tracker = new ProgressTracker(progress, questions.Questions.Count, variants);
        QuestionLog? log = options.Log is { } writer ? new QuestionLog(writer, questions.Questions, options) : null;
        try
        {
            var results = new List<VariantResult>();
            foreach (EvaluationVariant variant in variants)
            {
                var run = new VariantRun(system, questions, options, variant, opened, tracker, log);
                results.Add(await run.RunAsync(cancellationToken).ConfigureAwait(false));
            }

            return new EvaluationResult { Manifest = manifest, Variants = results };
        }
        finally
        {
            var session = (JsonObject)manifest.Content["sessions"]!.AsArray()[^1]!;
            session["questions_asked"] = tracker.Asked;
            session[ResultJson.Seconds] = Math.Round(clock.Elapsed, 3);
            session["model_seconds"] = Math.Round(clock.Busy, 3);
            manifest.Save(opened.Path);
        }
    }

    /// <summary>The system as it was loaded.</summary>
    private static EvaluationVariant AsLoaded(MasSystem system)
    {
        MasOptions loaded = system.Options;
        EvaluationMethod method = loaded.Channel switch
        {
            null or MasChannel.Latent => EvaluationMethod.Latent,
            { } channel => Enum.Parse<EvaluationMethod>($"{channel}"),
        };
        return new EvaluationVariant(method, loaded.Rounds ?? system.Style.Defaults.Rounds, loaded.LatentSteps ?? system.Style.Defaults.LatentSteps);
    }
}
