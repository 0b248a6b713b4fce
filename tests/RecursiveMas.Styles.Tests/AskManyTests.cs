using System.Collections.Concurrent;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Many questions: results as they finish, faults beside answers, nothing lost.</summary>
public sealed class AskManyTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private const string Good = "Zoe has 7 beads. January gets 2. How many beads?";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task A_question_that_fails_does_not_spoil_the_others(int batch)
    {
        string tooLong = string.Join(' ', Enumerable.Repeat(Good, 60));
        string[] questions = [Good, "", SystemFixture.Question, tooLong, Good];
        var told = new Told();
        MasResult[] results = await InOrderAsync(fixture.System.AskManyAsync(questions, new AskOptions { MaxConcurrency = batch }, told, Token));
        Assert.Equal([0, 1, 2, 3, 4], results.Select(result => result.Index));
        Assert.Equal(questions, results.Select(result => result.Question.Text));
        Assert.Equal(["9", null, "13", null, "9"], results.Select(result => result.Answer?.Extracted?.Value));
        Assert.Equal([true, false, true, false, true], results.Select(result => result.Succeeded));
        Assert.All(results, result => Assert.Equal(result.Succeeded, result.Error is null));
        Assert.IsType<PromptException>(results[1].Error);
        Assert.Same(results[3].Error, Assert.Throws<PromptException>(results[3].AnswerOrThrow));
        Assert.Equal([1, 2, 3, 4, 5], told.Reports.Select(report => report.Done));
        Assert.Equal((2, 5), (told.Reports.Last().Failed, told.Reports.Last().Total));
    }

    [Fact]
    public async Task A_cancelled_call_does_not_wait_for_the_end_of_an_endless_sequence()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int read = 0;
        IEnumerable<MasQuestion> Endless()
        {
            while (true)
            {
                if (++read == 1000)
                    stop.Cancel();
                yield return new MasQuestion(Good);
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => InOrderAsync(fixture.System.AskManyAsync(Endless(), cancellationToken: stop.Token)));
        Assert.InRange(read, 1000, 1001);
    }

    [Fact]
    public async Task A_kind_without_links_fails_beside_kinds_that_have_them()
    {
        MasQuestion[] questions = [new(Good) { Kind = TaskKind.Code }, new(Good)];
        MasResult[] results = await InOrderAsync(fixture.System.AskManyAsync(questions, cancellationToken: Token));
        Assert.IsType<CheckpointException>(results[0].Error);
        Assert.Equal("9", results[1].AnswerOrThrow().Extracted?.Value);
    }

    [Fact]
    public async Task Results_come_while_later_questions_still_wait()
    {
        var told = new Told();
        await foreach (MasResult result in fixture.System.AskManyAsync(Enumerable.Repeat(Good, 20), new AskOptions { MaxConcurrency = 1 }, told, Token))
        {
            Assert.True(told.Reports.Count < 20, "The first result came when all were done.");
            break;
        }

        // Leaving the loop has cancelled the rest: nothing comes any more.
        int after = told.Reports.Count;
        await fixture.System.AskAsync(Good, Token);
        Assert.Equal(after, told.Reports.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_finished_is_handed_out_before_a_cancellation(bool byEnumerator)
    {
        const int Finished = 3;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        // The listener runs between two questions, so that exactly three are done when the token is cancelled.
        var told = new Told(report =>
        {
            if (report.Done == Finished)
                stop.Cancel();
        });
        IAsyncEnumerable<MasResult> stream = fixture.System.AskManyAsync(
            Enumerable.Repeat(Good, 20), new AskOptions { MaxConcurrency = 1 }, told, byEnumerator ? CancellationToken.None : stop.Token);
        var results = new List<MasResult>();
        OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (MasResult result in stream.WithCancellation(byEnumerator ? stop.Token : CancellationToken.None))
            {
                // Slower than the questions, so that some are finished and not yet handed out.
                await Task.Delay(50, CancellationToken.None);
                results.Add(result);
            }
        });
        Assert.Equal(Finished, results.Count);
        Assert.All(results, result => Assert.True(result.Succeeded));
        Assert.Equal(stop.Token, cancelled.CancellationToken);
    }

    [Fact]
    public async Task A_cancellation_behind_the_last_result_is_none()
    {
        using var stop = new CancellationTokenSource();
        var told = new Told(report =>
        {
            if (report.Done == 2)
                stop.Cancel();
        });
        Assert.Equal(2, (await InOrderAsync(fixture.System.AskManyAsync([Good, Good], new AskOptions { MaxConcurrency = 2 }, told, stop.Token))).Length);
    }

    [Fact]
    public async Task Nothing_asked_is_nothing_answered() =>
        Assert.Empty(await InOrderAsync(fixture.System.AskManyAsync(Array.Empty<string>(), cancellationToken: Token)));

    [Fact]
    public void Wrong_arguments_are_refused_by_the_call_itself()
    {
        MasSystem mas = fixture.System;
        Assert.Throws<ArgumentNullException>(() => mas.AskManyAsync((IEnumerable<string>)null!, cancellationToken: Token));
        Assert.Throws<ArgumentNullException>(() => mas.AskManyAsync((IEnumerable<MasQuestion>)null!, cancellationToken: Token));
        Assert.Contains(
            "place 1",
            Assert.Throws<InvalidOptionException>(() => mas.AskManyAsync([Good, null!], cancellationToken: Token)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "place 0",
            Assert.Throws<InvalidOptionException>(() => mas.AskManyAsync([(MasQuestion)null!], cancellationToken: Token)).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "MaxConcurrency",
            Assert.Throws<InvalidOptionException>(() => mas.AskManyAsync([Good], new AskOptions { MaxConcurrency = 0 }, cancellationToken: Token)).Option);
    }

    private static async Task<MasResult[]> InOrderAsync(IAsyncEnumerable<MasResult> results) =>
        await results.OrderBy(result => result.Index).ToArrayAsync(Token);

    /// <summary>Hears of progress on the thread that reports it, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Told(Action<MasAskProgress>? then = null) : IProgress<MasAskProgress>
    {
        public ConcurrentQueue<MasAskProgress> Reports { get; } = [];

        public void Report(MasAskProgress value)
        {
            Reports.Enqueue(value);
            then?.Invoke(value);
        }
    }
}
