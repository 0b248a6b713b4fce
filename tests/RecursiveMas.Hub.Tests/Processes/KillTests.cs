using System.Globalization;
using RecursiveMas.HubServer;
using RecursiveMas.Testing;

namespace RecursiveMas.Hub.Tests;

/// <summary>A process that is killed in the middle of a download leaves nothing that is taken for complete, and the next one goes on.</summary>
public class KillTests
{
    private const long Size = 60 << 20;

    [Fact]
    public async Task Killed_at_a_random_moment_the_next_download_goes_on()
    {
        int runs = LongRuns.Count(20, 200);
        // What is on its way when a process dies is lost, and was counted as sent: connections hold little of it.
        await using HubFixture hub = await HubFixture.StartAsync(sendBuffer: 64 << 10);
        ServedRepository repository = hub.Server.Add("owner/model", new Dictionary<string, ServedFile>
        {
            ["config.json"] = ServedFile.Of("{}"),
            ["model-00001-of-00002.safetensors"] = ServedFile.Random(Size * 2 / 3, 1),
            ["model-00002-of-00002.safetensors"] = ServedFile.Random(Size / 3, 2),
            ["tokenizer.json"] = ServedFile.Random(4 << 20, 3),
        });
        hub.Server.BytesPerSecond = 60_000_000;
        long total = repository.Files.Values.Sum(file => file.Length), transferred = 0;
        var random = new Random(11);
        int killed = 0, resumed = 0;
        double worst = 0;
        for (int run = 0; run < runs; run++)
        {
            long before = hub.Server.FileBytes;
            killed += await KillAsync(hub, random, total, byTime: run % 4 == 3) ? 1 : 0;
            await AssertNothingHalfCountsAsync(hub, repository);
            resumed += new DirectoryInfo(hub.Cache) is { Exists: true } cache
                && cache.EnumerateFiles("*.resumable", SearchOption.AllDirectories).Any(file => file.Length > 0) ? 1 : 0;

            (int code, _, string error) = await ToolProcess.RunAsync(hub, ["download", "owner/model", "--quiet"]);
            Assert.True(code == 0, error);
            HubFixture.AssertSame(repository, Path.Combine(hub.Cache, "models--owner--model", "snapshots", repository.Head));
            hub.AssertLocksFree();
            Assert.Empty(new DirectoryInfo(hub.Cache).EnumerateFiles("*.resumable", SearchOption.AllDirectories));
            long sent = hub.Server.FileBytes - before;
            transferred += sent;
            worst = Math.Max(worst, (double)sent / total);
            new HubCache(hub.Cache).Remove(HubRepository.Parse("owner/model"));
        }

        double average = (double)transferred / runs / total;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{runs} runs, {killed} killed, {resumed} resumed; transferred {average:0.000} times the size on average, {worst:0.000} at most"));
        Assert.InRange(killed, runs * 3 / 4, runs);
        Assert.InRange(resumed, 1, runs);
        Assert.InRange(average, 1.0, 1.2);
    }

    /// <summary>Starts a download and kills it: after a random number of bytes, or after a random time from its start.</summary>
    private static async Task<bool> KillAsync(HubFixture hub, Random random, long total, bool byTime)
    {
        var moment = new TaskCompletionSource();
        long at = hub.Server.FileBytes + random.NextInt64(total);
        hub.Server.BytesSent = byTime ? null : sum =>
        {
            if (sum >= at)
                moment.TrySetResult();
        };
        using ToolProcess tool = ToolProcess.Start(hub, ["download", "owner/model", "--quiet"]);
        Task wait = byTime ? Task.Delay(random.Next(100, 1200), HubFixture.Token) : moment.Task;
        await Task.WhenAny(wait, Task.Run(tool.EndAsync));
        bool running = !tool.HasEnded;
        tool.Kill();
        await tool.EndAsync();
        hub.Server.BytesSent = null;
        return running;
    }

    private static async Task AssertNothingHalfCountsAsync(HubFixture hub, ServedRepository repository)
    {
        hub.AssertSound(repository);
        using HubClient offline = hub.Client(new HubClientOptions { Offline = true }, new NoNetwork());
        try
        {
            HubFixture.AssertSame(repository, await offline.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        }
        catch (HubOfflineException error)
        {
            Assert.NotEmpty(error.Missing);
        }
    }
}
