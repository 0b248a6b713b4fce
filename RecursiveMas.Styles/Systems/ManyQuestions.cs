using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace RecursiveMas.Systems;

/// <summary>Answers one of many questions.</summary>
/// <param name="question">The question.</param>
/// <param name="neighbours">Questions that must run beside it; null for none.</param>
/// <param name="place">Its place among them.</param>
/// <param name="cancellationToken">Ends the run.</param>
internal delegate Task<MasAnswer> AskOne(MasQuestion question, ShuffledNeighbours? neighbours, int place, CancellationToken cancellationToken);

/// <summary>Runs many questions, some at once, and hands out every result as soon as it is there.</summary>
/// <param name="ask">Answers one question.</param>
/// <param name="concurrency">Most questions at once.</param>
/// <param name="shuffled">Whether questions receive the blocks of others: they then run in groups of as many as may run at once.</param>
/// <param name="progress">Told of each result.</param>
internal sealed class ManyQuestions(AskOne ask, int concurrency, bool shuffled, IProgress<MasAskProgress>? progress)
{
    private readonly Lock _gate = new();
    private int _done;
    private int _failed;

    /// <summary>
    /// The results in the order in which they are ready. What was ready before a cancellation or a fault is handed out before that is raised.
    /// </summary>
    public async IAsyncEnumerable<MasResult> RunAsync(IReadOnlyList<MasQuestion> questions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var results = Channel.CreateUnbounded<MasResult>(new UnboundedChannelOptions { SingleReader = true });
        CancellationToken stopped = stop.Token;
        Task work = Task.Run(() => RunAllAsync(questions, results.Writer, stopped), CancellationToken.None);
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
        try
        {
            if (shuffled)
            {
                foreach (int[] group in Enumerable.Range(0, questions.Count).Chunk(concurrency))
                    await RunGroupAsync(questions, group, results, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                int next = -1;
                await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrency, questions.Count)).Select(async _ =>
                {
                    for (int index = Interlocked.Increment(ref next); index < questions.Count; index = Interlocked.Increment(ref next))
                        await RunOneAsync(questions, index, null, 0, results, cancellationToken).ConfigureAwait(false);
                })).ConfigureAwait(false);
            }
        }
        finally
        {
            results.Complete();
        }
    }

    private async Task RunGroupAsync(IReadOnlyList<MasQuestion> questions, int[] group, ChannelWriter<MasResult> results, CancellationToken cancellationToken)
    {
        using var neighbours = new ShuffledNeighbours(group.Length);
        await Task.WhenAll(group.Select(async (index, place) =>
        {
            try
            {
                await RunOneAsync(questions, index, neighbours, place, results, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                neighbours.Leave(place);
            }
        })).ConfigureAwait(false);
    }

    private async Task RunOneAsync(
        IReadOnlyList<MasQuestion> questions,
        int index,
        ShuffledNeighbours? neighbours,
        int place,
        ChannelWriter<MasResult> results,
        CancellationToken cancellationToken)
    {
        // A question's random numbers depend on its identity, not on what runs beside it.
        MasQuestion question = questions[index] with { Id = questions[index].Id ?? index.ToString(CultureInfo.InvariantCulture) };
        var result = new MasResult { Index = index, Question = questions[index] };
        try
        {
            result = result with { Answer = await ask(question, neighbours, place, cancellationToken).ConfigureAwait(false) };
        }
        catch (RecursiveMasException error)
        {
            result = result with { Error = error };
        }

        lock (_gate)
        {
            _done++;
            _failed += result.Succeeded ? 0 : 1;
            results.TryWrite(result);
            progress?.Report(new MasAskProgress(_done, _failed, questions.Count));
        }
    }
}
