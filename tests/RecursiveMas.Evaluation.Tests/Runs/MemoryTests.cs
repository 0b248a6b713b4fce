using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Runs;

/// <summary>Tests that count live tensors run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LiveTensors
{
    public const string Name = "Live tensors";
}

/// <summary>A run over many questions takes no more memory at its end than at its beginning. With RECURSIVEMAS_LONG=1 over 5,000 questions.</summary>
[Collection(LiveTensors.Name)]
[Trait("Category", "Long")]
public sealed class MemoryTests
{
    private const int Points = 5;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tensors_heap_and_process_stay_over_a_whole_run()
    {
        int questions = LongRuns.Count(usually: 200, atLength: 5_000);
        using var folder = new TemporaryFolder();
        await using MasSystem mas = await MasSystem.LoadAsync(
            "sequential_tiny", new MasOptions { Device = TestDevice.Name, MaxConcurrency = 16 }, cancellationToken: Token);
        var options = new EvaluationOptions
        {
            Variants = [new EvaluationVariant(EvaluationMethod.Latent, 3, 5), new EvaluationVariant(EvaluationMethod.Alone, 1, 0)],
            BatchSize = 16,
        };
        QuestionSet set = TinyQuestions.Draw("sequential_tiny", questions);
        await EvaluationRun.RunAsync(mas, set with { Questions = [.. set.Questions.Take(100)] }, options, folder.Path("first"), cancellationToken: Token);
        var before = Use.Now(0);
        var watch = new Watch(2 * questions);
        await EvaluationRun.RunAsync(mas, set, options, folder.Path("run"), watch, Token);
        var after = Use.Now(2 * questions);
        Use[] points = [.. watch.Points];
        Assert.Equal(Points, points.Length);
        foreach (Use point in (Use[])[before, .. points, after])
            TestContext.Current.TestOutputHelper?.WriteLine($"{point}");

        // No tensor is left when a run is over. The heap fills up by some 30 MB over thousands of questions, ever more slowly, whoever asks.
        Assert.InRange(after.Tensors, 0, before.Tensors);
        Assert.True(after.Heap - before.Heap < 40_000_000, $"the C heap grew by {(after.Heap - before.Heap) / 1e6:0.0} MB");
        double managed = (after.Managed - before.Managed) / (2.0 * questions);
        Assert.True(managed < 3_000, $"each question keeps {managed:0} managed bytes");

        // While it runs, up to 16 questions are under way, and what is known of those that are done is kept.
        Use first = points[0], last = points[^1];
        Assert.InRange(last.Tensors, 0, first.Tensors + 300);
        Assert.True(last.Heap - first.Heap < 20_000_000, $"the C heap grew by {(last.Heap - first.Heap) / 1e6:0.0} MB while the run went on");
        managed = (last.Managed - first.Managed) / (2.0 * questions * (Points - 1) / Points);
        Assert.True(managed < 3_000, $"each question keeps {managed:0} managed bytes while the run goes on");
        Assert.True(last.Resident - first.Resident < 60_000_000, $"resident memory grew by {(last.Resident - first.Resident) / 1e6:0.0} MB");
    }

    /// <summary>Memory in use. Questions are under way meanwhile, so that the least of several looks counts.</summary>
    private sealed record Use(int Questions, long Tensors, long Heap, long Managed, long Resident)
    {
        public static Use Now(int questions)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return new Use(questions, torch.Tensor.TotalCount, NativeMemoryUse.Now(), GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
        }

        public override string ToString() =>
            $"after {Questions} questions: {Tensors} tensors, {Heap / 1e6:0.00} MB in use of the C heap, {Managed / 1e6:0.0} MB managed, " +
            $"{Resident / 1e6:0.0} MB resident";
    }

    private sealed class Watch(int all) : IProgress<EvaluationProgress>
    {
        private const int Looks = 16;

        private int _seen;

        public List<Use> Points { get; } = [];

        public void Report(EvaluationProgress value)
        {
            int step = all / MemoryTests.Points, within = ++_seen % step;
            if (within < step - Looks && within != 0)
                return;
            var now = Use.Now(_seen);
            if (within == step - Looks)
                Points.Add(now);
            else if (Points.Count > 0 && Points[^1] is { } least)
            {
                Points[^1] = new Use(
                    _seen, Math.Min(least.Tensors, now.Tensors), Math.Min(least.Heap, now.Heap), Math.Min(least.Managed, now.Managed),
                    Math.Min(least.Resident, now.Resident));
            }
        }
    }
}
