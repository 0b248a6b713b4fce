using RecursiveMas.HubServer;

namespace RecursiveMas.Hub.Tests;

/// <summary>Interrupted downloads go on where they ended.</summary>
public class ResumeTests
{
    private const long Size = 8 << 20;

    [Fact]
    public async Task A_cut_connection_is_resumed_within_the_call()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel(weights: Size);
        hub.Server.Misbehave(
            request => request.Storage && request.Path.EndsWith(repository.Files["model.safetensors"].Sha256!, StringComparison.Ordinal),
            new Fault { CutAfter = 1_500_000 },
            times: 4);
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        string?[] ranges = [.. hub.Server.Requests
            .Where(request => request.Storage && request.Path.EndsWith(repository.Files["model.safetensors"].Sha256!, StringComparison.Ordinal))
            .Select(request => request.Range)];
        Assert.Equal([null, "bytes=1500000-", "bytes=3000000-", "bytes=4500000-", "bytes=6000000-"], ranges);
        Assert.InRange(hub.Server.FileBytes, repository.Files.Values.Sum(file => file.Length), repository.Files.Values.Sum(file => file.Length) + 1000);
        Assert.All(hub.Clock.Waits, wait => Assert.Equal(TimeSpan.FromSeconds(1), wait));
    }

    [Fact]
    public async Task Without_progress_it_ends_after_five_tries_and_what_arrived_is_kept()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel(weights: Size);
        bool Weights(ServedRequest request) =>
            request.Storage && request.Path.EndsWith(repository.Files["model.safetensors"].Sha256!, StringComparison.Ordinal);
        hub.Server.Misbehave(request => Weights(request) && request.Range is null, new Fault { CutAfter = 2_000_000 });
        hub.Server.Misbehave(Weights, new Fault { CutAfter = 0 });
        HubConnectionException error = await Assert.ThrowsAsync<HubConnectionException>(() => hub.DownloadAsync());
        Assert.Contains("model.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 4, 8], hub.Clock.Waits.Select(wait => wait.TotalSeconds));
        hub.AssertSound(repository);
        Assert.False(File.Exists(Path.Combine(hub.Cache, "models--owner--model", "refs", "main")));

        HubPlannedRepository rest = Assert.Single((await hub.Client().PlanAsync([HubFixture.All()], HubFixture.Token)).Repositories);
        Assert.Equal((Size, 2_000_000), (rest.MissingBytes, rest.ArrivedBytes));

        hub.Server.Behave();
        hub.Server.Requests.Clear();
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.Equal("bytes=2000000-", Assert.Single(hub.Server.Requests, Weights).Range);
    }

    /// <summary>Cancelled at random bytes again and again: resumable each time, nothing transferred twice but what was on its way.</summary>
    [Fact]
    public async Task Cancelled_at_any_byte_the_next_download_goes_on()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel(weights: Size);
        long total = repository.Files.Values.Sum(file => file.Length);
        var random = new Random(7);
        int cancelled = 0;
        hub.Server.BytesPerSecond = 60_000_000;
        for (int i = 0; i < 20; i++)
        {
            using var stop = new CancellationTokenSource();
            long at = hub.Server.FileBytes + random.NextInt64(total / 3);
            hub.Server.BytesSent = sum =>
            {
                if (sum >= at)
                    stop.Cancel();
            };
            try
            {
                await hub.DownloadAsync(cancellation: stop.Token);
                break;
            }
            catch (OperationCanceledException error)
            {
                Assert.Equal(stop.Token, error.CancellationToken);
                cancelled++;
            }

            hub.AssertSound(repository);
            Assert.Null(hub.Client().Cache.Find(HubRepository.Parse("owner/model"))?.Revisions.GetValueOrDefault("main"));
        }

        hub.Server.BytesSent = null;
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.InRange(cancelled, 2, 20);
        Assert.InRange(hub.Server.FileBytes, total, total + (cancelled * 2_000_000));
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_makes_it_start_anew()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = AddBig(hub);
        hub.Server.Misbehave(request => request.Storage && request.Range is null, new Fault { CutAfter = 1_000_000 }, times: 1);
        hub.Server.Misbehave(request => request.Storage && request.Range is not null, new Fault { IgnoreRange = true });
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
    }

    [Fact]
    public async Task A_range_that_is_refused_makes_it_start_anew()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = AddBig(hub);
        hub.Server.Misbehave(request => request.Storage && request.Range is null, new Fault { CutAfter = 1_000_000 }, times: 1);
        hub.Server.Misbehave(request => request.Storage && request.Range is not null, Fault.Answer(416), times: 1);
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
    }

    [Fact]
    public async Task A_range_that_was_not_asked_for_is_refused()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = AddBig(hub);
        hub.Server.Misbehave(request => request.Storage && request.Range is null, new Fault { CutAfter = 1_000_000 }, times: 1);
        hub.Server.Misbehave(
            request => request.Storage && request.Range is not null,
            new Fault { Headers = new Dictionary<string, string?> { ["Content-Range"] = $"bytes 5-{Size - 1}/{Size}" } });
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
        Assert.Contains("bytes 5-", error.Message, StringComparison.Ordinal);
        hub.AssertSound(repository);
    }

    [Fact]
    public async Task An_expired_signed_address_is_asked_for_again()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = AddBig(hub);
        hub.Server.Misbehave(request => request.Storage && request.Range is null, new Fault { CutAfter = 3_000_000 }, times: 1);
        hub.Server.BytesSent = sum =>
        {
            if (sum == 3_000_000)
                hub.Server.ExpireSignatures();
        };
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.Equal(2, hub.Server.Requests.Count(request => request.Method == "HEAD"));
        Assert.Equal([null, "bytes=3000000-", "bytes=3000000-"], hub.Server.Requests.Where(request => request.Storage).Select(request => request.Range));
    }

    [Fact]
    public async Task A_damaged_partial_file_is_thrown_away_and_fetched_anew()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel(weights: Size);
        ServedFile weights = repository.Files["model.safetensors"];
        string partial = Path.Combine(hub.Cache, "models--owner--model", "blobs", $"{weights.ContentId}.{Size}.resumable");
        foreach (int length in new[] { 1_000_000, (int)Size, (int)Size + 5 })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(partial)!);
            await File.WriteAllBytesAsync(partial, new byte[length], HubFixture.Token);
            HubFixture.AssertSame(repository, await hub.DownloadAsync());
            hub.Client().Cache.Remove(HubRepository.Parse("owner/model"));
        }
    }

    [Fact]
    public async Task A_partial_file_that_only_lacks_its_name_is_not_downloaded_again()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel(weights: Size);
        ServedFile weights = repository.Files["model.safetensors"];
        await hub.DownloadAsync();
        string blob = Path.Combine(hub.Cache, "models--owner--model", "blobs", weights.ContentId);
        File.Move(blob, $"{blob}.{Size}.resumable");
        hub.Server.Requests.Clear();
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.Equal(0, hub.Downloads());
    }

    [Fact]
    public async Task A_stalled_connection_is_given_up_and_resumed()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = AddBig(hub);
        hub.Server.Misbehave(request => request.Storage && request.Range is null, new Fault { StallAfter = 2_000_000 }, times: 1);
        HubFixture.AssertSame(repository, await hub.DownloadAsync(options: new HubClientOptions { DownloadTimeout = TimeSpan.FromMilliseconds(400) }));
        Assert.Contains(hub.Server.Requests, request => request.Storage && request.Range is not null);
    }

    [Fact]
    public async Task A_slow_hub_is_no_fault_while_bytes_come()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = AddBig(hub, 400_000);
        hub.Server.Misbehave(request => request.Storage, new Fault { BytesPerSecond = 100_000 });
        HubFixture.AssertSame(repository, await hub.DownloadAsync(options: new HubClientOptions { DownloadTimeout = TimeSpan.FromSeconds(2) }));
        Assert.All(hub.Server.Requests, request => Assert.Null(request.Range));
    }

    private static ServedRepository AddBig(HubFixture hub, long size = Size) =>
        hub.Server.Add("owner/model", new Dictionary<string, ServedFile> { ["big"] = ServedFile.Random(size, 4, large: true) });
}
