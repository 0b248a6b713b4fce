using RecursiveMas.HubServer;

namespace RecursiveMas.Hub.Tests;

/// <summary>Many at once, in one process and in several: one transfer.</summary>
public class ConcurrencyTests
{
    [Fact]
    public async Task Two_processes_and_eight_tasks_make_one_transfer()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel(weights: 24 << 20);
        hub.Server.BytesPerSecond = 24 << 20;
        var first = new TaskCompletionSource();
        // The tasks begin when a process has started to download, so that all overlap.
        hub.Server.BytesSent = _ => first.TrySetResult();
        ToolProcess[] processes = [.. Enumerable.Range(0, 2).Select(_ => ToolProcess.Start(hub, ["download", "owner/model", "--quiet"]))];
        try
        {
            await first.Task.WaitAsync(TimeSpan.FromSeconds(60), HubFixture.Token);
            string[] snapshots = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => hub.DownloadAsync())));
            foreach (ToolProcess process in processes)
            {
                (int code, _, string error) = await process.EndAsync();
                Assert.True(code == 0, error);
            }

            Assert.All(snapshots, snapshot => Assert.Equal(snapshots[0], snapshot));
            HubFixture.AssertSame(repository, snapshots[0]);
            Assert.Equal(repository.Files.Values.Sum(file => file.Length), hub.Server.FileBytes);
            foreach (ServedFile file in repository.Files.Values.Where(file => file.Sha256 is not null))
                Assert.Single(hub.Server.Requests, request => request.IsDownload && request.Path.EndsWith(file.Sha256!, StringComparison.Ordinal));
            hub.AssertLocksFree();
        }
        finally
        {
            foreach (ToolProcess process in processes)
                process.Dispose();
        }
    }

    [Fact]
    public async Task A_waiter_can_be_cancelled_and_goes_on_when_the_other_gives_up()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel(weights: 8 << 20);
        hub.Server.BytesPerSecond = 4 << 20;
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        hub.Server.BytesSent = sum =>
        {
            if (sum > 1 << 20)
                started.TrySetResult();
        };
        Task<string> owner = Task.Run(() => hub.DownloadAsync(cancellation: first.Token));
        await started.Task;
        Task<string> cancelled = Task.Run(() => hub.DownloadAsync(cancellation: second.Token)), patient = Task.Run(() => hub.DownloadAsync());
        await Task.Delay(100, HubFixture.Token);
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => owner);
        HubFixture.AssertSame(repository, await patient);
    }
}
