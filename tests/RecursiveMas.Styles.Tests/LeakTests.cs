using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Two hundred questions leave memory as ten leave it.</summary>
[Collection(LiveTensors.Collection)]
[Trait("Category", "Long")]
public class LeakTests
{
    [Fact]
    public async Task Live_tensors_and_resident_memory_stay()
    {
        using MasSystem mas = MasSystem.Load(SystemFixture.Name);
        long tensors = 0, resident = 0;
        for (int question = 1; question <= 200; question++)
        {
            await mas.AskAsync(SystemFixture.Question, TestContext.Current.CancellationToken);
            if (question == 10)
                tensors = torch.Tensor.TotalCount;
            if (question == 50)
                resident = Environment.WorkingSet;
        }

        TensorChecks.NoMoreLiveThan(tensors);
        Assert.True(Environment.WorkingSet - resident < 20_000_000, $"resident memory grew by {(Environment.WorkingSet - resident) / 1e6:0.0} MB");
    }

    [Fact]
    public async Task Loading_and_disposing_leaves_no_tensor()
    {
        using (MasSystem warm = MasSystem.Load(SystemFixture.Name))
            await warm.AskAsync(SystemFixture.Question, TestContext.Current.CancellationToken);
        long before = torch.Tensor.TotalCount;
        await using (MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, cancellationToken: TestContext.Current.CancellationToken))
            await mas.AskAsync(SystemFixture.Question, TestContext.Current.CancellationToken);
        TensorChecks.NoMoreLiveThan(before);
    }
}
