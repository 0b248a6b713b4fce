using RecursiveMas.HubServer;

namespace RecursiveMas.Hub.Tests;

/// <summary>What a download holds in memory. Measured by the heap of the process, so that no other test may run beside it.</summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public class MemoryTests
{
    private const string Name = "alone";

    /// <summary>Whatever the size of a file, the client holds a few fixed buffers.</summary>
    [Fact]
    public async Task Memory_does_not_grow_with_the_file()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.Add("owner/small", new Dictionary<string, ServedFile> { ["f"] = ServedFile.Random(4 << 20, 1) });
        hub.Server.Add("owner/large", new Dictionary<string, ServedFile> { ["f"] = ServedFile.Random(160 << 20, 2) });
        await hub.DownloadAsync("owner/small");
        hub.Client().Cache.Remove(HubRepository.Parse("owner/small"));
        long small = await HeapGrowthAsync("owner/small"), large = await HeapGrowthAsync("owner/large");
        Assert.InRange(large, 0, small + (24L << 20));

        // The largest heap seen while files arrive, server included; a client that kept what it read would hold all 160 MiB.
        async Task<long> HeapGrowthAsync(string id)
        {
            GC.Collect();
            long before = GC.GetTotalMemory(forceFullCollection: true), most = 0;
            var progress = new Collected<DownloadProgress>(_ => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before));
            await hub.Client().DownloadAsync(HubFixture.All(id), progress, HubFixture.Token);
            return most;
        }
    }
}
