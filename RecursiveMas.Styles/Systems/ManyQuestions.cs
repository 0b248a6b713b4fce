using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace RecursiveMas.Systems;

/// <summary>Runs many questions, batch by batch, and hands out every result as soon as it is there.</summary>
/// <param name="run">Answers questions of one kind side by side, all or none.</param>
/// <param name="batch">Most questions of one run.</param>
/// <param name="progress">Told of each result.</param>
internal sealed class ManyQuestions(
    Func<IReadOnlyList<MasQuestion>, CancellationToken, Task<IReadOnlyList<MasAnswer>>> run, int batch, IProgress<MasAskProgress>? progress)
{
    /// <summary>The results in the order in which they are ready. What was ready before a cancellation or a fault is handed out before that is raised.</summary>
    public async IAsyncEnumerable<MasResult> RunAsync(IReadOnlyList<MasQuestion> questions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var results = Channel.CreateUnbounded<MasResult>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        Task work = Task.Run(() => RunAllAsync(questions, results.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (MasResult result in results.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return result;
            await Task.WhenAny(work).ConfigureAwait(false);
            if (work.IsCanceled)
                cancellationToken.ThrowIfCancellationRequested();
            await work.ConfigureAwait(false);
        }
        finally
        {
            // A caller who leaves early cancels what runs.
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(work).ConfigureAwait(false);
        }
    }

    private async Task RunAllAsync(IReadOnlyList<MasQuestion> questions, ChannelWriter<MasResult> results, CancellationToken cancellationToken)
    {
        (int done, int failed) = (0, 0);
        try
        {
            var waiting = new Stack<int[]>(Enumerable.Range(0, questions.Count).GroupBy(index => questions[index].Kind).SelectMany(kind => kind.Chunk(batch)).Reverse());
            while (waiting.TryPop(out int[]? indices))
            {
                try
                {
                    IReadOnlyList<MasAnswer> answers = await run([.. indices.Select(Identified)], cancellationToken).ConfigureAwait(false);
                    for (int i = 0; i < indices.Length; i++)
                        Publish(indices[i], answers[i], null);
                }
                catch (RecursiveMasException error) when (indices.Length > 1 && error is PromptException or NonFiniteException)
                {
                    // Halving finds the culprits; the others' answers depend on their own identities, not on the batch.
                    waiting.Push(indices[(indices.Length / 2)..]);
                    waiting.Push(indices[..(indices.Length / 2)]);
                }
                catch (RecursiveMasException error)
                {
                    foreach (int index in indices)
                        Publish(index, null, error);
                }
            }
        }
        finally
        {
            results.Complete();
        }

        // A question's random numbers depend on its identity, so that the batch size does not decide them.
        MasQuestion Identified(int index) => questions[index] with { Id = questions[index].Id ?? index.ToString(CultureInfo.InvariantCulture) };

        void Publish(int index, MasAnswer? answer, RecursiveMasException? error)
        {
            done++;
            failed += error is null ? 0 : 1;
            results.TryWrite(new MasResult { Index = index, Question = questions[index], Answer = answer, Error = error });
            progress?.Report(new MasAskProgress(done, failed, questions.Count));
        }
    }
}
