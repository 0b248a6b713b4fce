using System.Text.Json.Nodes;
using RecursiveMas.Results;

namespace RecursiveMas.Runs;

/// <summary>All questions of one variant: asks what is not done yet and writes what comes.</summary>
internal sealed class VariantRun(
    MasSystem system, QuestionSet set, EvaluationOptions options, EvaluationVariant variant, RunFolder folder, ProgressTracker tracker, QuestionLog? log)
{
    private readonly AskPlan _plan = new(options, variant, ManifestWriter.SamplingOf(system, options).DoSample == true);

    public async Task<VariantResult> RunAsync(CancellationToken cancellationToken)
    {
        using ResultFile file = folder.OpenFile(variant);
        tracker.Begin(file.Lines.Select(line => RowReader.Read(line, file.Path)));
        if (file.IsComplete)
            return folder.Result(variant, file);
        await AskAsync(file, cancellationToken).ConfigureAwait(false);
        VariantResult result = folder.Result(variant, file);
        file.Complete(SummaryWriter.Write(set, system, variant, options, result.Summary, folder.Manifest.Run));
        log?.Write(variant, result.Summary);
        return result;
    }

    private async Task AskAsync(ResultFile file, CancellationToken cancellationToken)
    {
        var asked = await AskedSystem.OpenAsync(system, variant, options, cancellationToken).ConfigureAwait(false);
        await using (asked.ConfigureAwait(false))
        {
            var writer = new RowWriter(set, system, variant, options, new AnswerJudge(options.CodeJudge, options.AnswerJudge), folder.Manifest.Run);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            IReadOnlyCollection<int> done = file.Done;
            foreach (int[] places in _plan.Calls(set.Questions.Count, done))
                await AskAsync(asked.System, places, writer, file, stop).ConfigureAwait(false);
        }
    }

    private async Task AskAsync(MasSystem asked, int[] places, RowWriter writer, ResultFile file, CancellationTokenSource stop)
    {
        var done = new HashSet<int>(file.Done);
        var writing = new List<Task>();
        try
        {
            await foreach (MasResult result in asked
                .AskManyAsync(places.Select(place => set.Questions[place].ToMasQuestion()), _plan.Ask, cancellationToken: stop.Token).ConfigureAwait(false))
            {
                int place = places[result.Index];
                // Neighbours of those that are missing are asked once more.
                if (done.Contains(place))
                    continue;
                writing.Add(WriteAsync(asked, place, result, writer, file, stop.Token));
                writing.RemoveAll(task => task.IsCompletedSuccessfully);
                // What cannot be written or judged ends the run.
                if (writing.Find(task => task.IsFaulted) is { } failed)
                    await failed.ConfigureAwait(false);
            }

            await Task.WhenAll(writing).ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(Task.WhenAll(writing)).ConfigureAwait(false);
            throw;
        }
    }

    private async Task WriteAsync(
        MasSystem asked, int place, MasResult result, RowWriter writer, ResultFile file, CancellationToken cancellationToken)
    {
        JsonObject row = await writer.WriteAsync(place, result, _plan.Copies, cancellationToken).ConfigureAwait(false);
        file.Append(place, row);
        log?.Write(asked, variant, row);
        tracker.Count(row);
    }
}
