using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>What loading tells while it runs, and how it is cancelled.</summary>
[Collection(LiveTensors.Collection)]
public sealed class LoadProgressTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Loading_can_be_cancelled_in_the_middle_of_a_model()
    {
        long tensors = torch.Tensor.TotalCount;
        using var stop = new CancellationTokenSource();
        int after = 0;
        var listener = new Listener(progress =>
        {
            after += stop.IsCancellationRequested ? 1 : 0;
            if (progress is { Part: "critic", Weights: { } weights } && weights.Bytes > weights.TotalBytes / 2)
                stop.Cancel();
        });
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => MasSystem.LoadAsync(
            SystemFixture.Name,
            null,
            listener,
            cancellationToken: stop.Token));
        Assert.Equal(stop.Token, error.CancellationToken);
        Assert.Equal(0, after);
        TensorChecks.NoMoreLiveThan(tensors);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public async Task Models_that_are_loaded_again_tell_no_progress(long budget)
    {
        var seen = new List<MasLoadProgress>();
        var options = new MasOptions { Residency = budget == 1 ? ModelResidency.OneAtATime : ModelResidency.Budget(budget) };
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, options, new Listener(seen.Add), cancellationToken: Token);
        Assert.Equal(["planner", "critic", "solver"], seen.Where(p => p.Weights is not null).Select(p => p.Part).Distinct());
        int loaded = seen.Count;
        await mas.AskAsync(SystemFixture.Question, Token);
        Assert.Equal(loaded, seen.Count);
    }

    private sealed class Listener(Action<MasLoadProgress> told) : IProgress<MasLoadProgress>
    {
        public void Report(MasLoadProgress value) => told(value);
    }
}
