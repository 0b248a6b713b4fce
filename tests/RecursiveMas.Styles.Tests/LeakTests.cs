using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Many questions leave memory as the first few leave it.</summary>
[Collection(LiveTensors.Collection)]
[Trait("Category", "Long")]
public class LeakTests
{
    private static MasOptions Options => new() { Device = TestDevice.Name };

    [Fact]
    public async Task Live_tensors_heap_process_and_device_stay()
    {
        int questions = LongRuns.Count(usually: 200, atLength: 5_000), start = questions / 10;
        using MasSystem mas = MasSystem.Load(SystemFixture.Name, Options);
        (long tensors, long heap, long process, long device) = (0, 0, 0, 0);
        for (int question = 1; question <= questions; question++)
        {
            await mas.AskAsync(SystemFixture.Question, TestContext.Current.CancellationToken);
            if (question != start && question != questions / 2 && question != questions)
                continue;
            GC.Collect();
            GC.WaitForPendingFinalizers();
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"after {question} questions: {torch.Tensor.TotalCount} tensors, {NativeMemoryUse.Now() / 1e6:0.00} MB in use of the C heap, " +
                $"{Environment.WorkingSet / 1e6:0.0} MB resident, {DeviceMemoryUse.Now() / 1e6:0.0} MB on the device");
            if (question == start)
                (tensors, heap, process, device) = (torch.Tensor.TotalCount, NativeMemoryUse.Now(), Environment.WorkingSet, DeviceMemoryUse.Now());
        }

        TensorChecks.NoMoreLiveThan(tensors);
        double perQuestion = (double)(NativeMemoryUse.Now() - heap) / (questions - start);
        Assert.True(perQuestion < 2_000, $"each question keeps {perQuestion:0} bytes of the C heap");
        Assert.True(Environment.WorkingSet - process < 10_000_000, $"resident memory grew by {(Environment.WorkingSet - process) / 1e6:0.0} MB");
        Assert.True(DeviceMemoryUse.Now() <= device, $"memory on the device grew by {(DeviceMemoryUse.Now() - device) / 1e6:0.0} MB");
    }

    [Fact]
    public async Task Loading_and_disposing_leaves_no_tensor()
    {
        using (MasSystem warm = MasSystem.Load(SystemFixture.Name, Options))
            await warm.AskAsync(SystemFixture.Question, TestContext.Current.CancellationToken);
        long before = torch.Tensor.TotalCount;
        await using (MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, Options, cancellationToken: TestContext.Current.CancellationToken))
            await mas.AskAsync(SystemFixture.Question, TestContext.Current.CancellationToken);
        TensorChecks.NoMoreLiveThan(before);
    }
}
