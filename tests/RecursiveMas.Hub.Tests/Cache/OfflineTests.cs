using System.Net;
using RecursiveMas.HubServer;

namespace RecursiveMas.Hub.Tests;

/// <summary>Without the network: what is here is used, what is not is listed, and no connection is opened.</summary>
public class OfflineTests
{
    [Theory]
    [InlineData("HF_HUB_OFFLINE")]
    [InlineData("TRANSFORMERS_OFFLINE")]
    [InlineData("option")]
    public async Task A_complete_cache_serves_without_a_connection(string switchedBy)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        await hub.DownloadAsync();
        using HubClient client = Offline(hub, switchedBy);
        Assert.True(client.IsOffline);
        HubFixture.AssertSame(repository, await client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
    }

    /// <summary>Every missing file, not the first: exactly those.</summary>
    [Fact]
    public async Task A_partial_snapshot_lists_exactly_what_is_missing()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        string snapshot = await hub.DownloadAsync();
        ServedFile tokenizer = repository.Files["tokenizer.json"];
        File.Delete(Path.Combine(snapshot, "config.json"));
        File.Delete(Path.Combine(hub.Cache, "models--owner--model", "blobs", tokenizer.ContentId));
        await File.WriteAllBytesAsync(
            Path.Combine(hub.Cache, "models--owner--model", "blobs", repository.Files["model.safetensors"].ContentId),
            new byte[10],
            HubFixture.Token);
        using HubClient client = Offline(hub, "HF_HUB_OFFLINE");
        HubOfflineException error =
            await Assert.ThrowsAsync<HubOfflineException>(() => client.PlanAsync([HubFixture.All(), HubFixture.All("owner/other")], HubFixture.Token));
        Assert.Equal(2, error.Missing.Count);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], error.Missing[0].Files);
        Assert.Equal(repository.Files["config.json"].Length + repository.Files["model.safetensors"].Length + tokenizer.Length, error.Missing[0].Bytes);
        Assert.Equal((HubRepository.Parse("owner/other"), 0, (long?)null), (error.Missing[1].Repository, error.Missing[1].Files.Count, error.Missing[1].Bytes));
        Assert.Contains("HF_HUB_OFFLINE is set", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("recursivemas download owner/model owner/other", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_that_fetches_names_the_revision()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HubClient client = Offline(hub, "option");
        HubOfflineException error = await Assert.ThrowsAsync<HubOfflineException>(() => client.PlanAsync(
            [HubFixture.All(revision: "v1"), HubFixture.All("owner/other", "v1")],
            HubFixture.Token));
        Assert.EndsWith("recursivemas download owner/model owner/other --revision v1", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<HubOfflineException>(() => client.ListAsync(HubRepository.Parse("datasets/owner/model"), "v2", HubFixture.Token));
        Assert.EndsWith("recursivemas download datasets/owner/model --revision v2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_first_download_is_known_to_be_incomplete()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(
            request => request.Storage && request.Path.EndsWith(repository.Files["model.safetensors"].Sha256!, StringComparison.Ordinal),
            new Fault { CutAfter = 0 });
        await Assert.ThrowsAsync<HubConnectionException>(() => hub.DownloadAsync(options: new HubClientOptions { MaxParallelFiles = 1 }));
        using HubClient client = Offline(hub, "option");
        HubOfflineException error = await Assert.ThrowsAsync<HubOfflineException>(() => client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        Assert.Equal(["model.safetensors"], Assert.Single(error.Missing).Files);
    }

    [Fact]
    public async Task Without_a_network_the_cache_is_used_and_it_is_said()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        await hub.DownloadAsync();
        var log = new CollectedLog();
        var dead = new HubClientOptions { Endpoint = DeadEndpoint(), MaxAttempts = 2 };
        using HubClient client = hub.Client(dead, null, log);
        HubFixture.AssertSame(repository, await client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        Assert.Contains(
            log.Lines,
            line => line.Text.Contains(repository.Head, StringComparison.Ordinal) && line.Text.Contains("cannot be reached", StringComparison.Ordinal));

        HubOfflineException error =
            await Assert.ThrowsAsync<HubOfflineException>(() => client.DownloadAsync(HubFixture.All("owner/other"), null, HubFixture.Token));
        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.IsType<HubConnectionException>(error.InnerException);
    }

    /// <summary>A proxy that refuses is an error of its own, never a missing network.</summary>
    [Fact]
    public async Task A_proxy_that_refuses_is_reported()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        await hub.DownloadAsync();
        using SocketsHttpHandler handler = HubClient.CreateHandler();
        // The server stands in for a proxy: it does not know CONNECT.
        handler.Proxy = new WebProxy(hub.Server.Endpoint);
        handler.UseProxy = true;
        using HubClient client = hub.Client(new HubClientOptions { Endpoint = new Uri("https://hub.invalid") }, handler);
        HubException error = await Assert.ThrowsAsync<HubException>(() => client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        Assert.Contains("proxy", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_needs_the_cache_only_where_it_is_there()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        await hub.DownloadAsync();
        using HubClient client = Offline(hub, "option");
        HubListing listing = await client.ListAsync(HubRepository.Parse("owner/model"), cancellationToken: HubFixture.Token);
        Assert.Equal(
            repository.Files["model.safetensors"].Pieces(0).First()[..100].ToArray(),
            await client.ReadStartAsync(listing, listing.Find("model.safetensors")!, 100, HubFixture.Token));
        await Assert.ThrowsAsync<HubOfflineException>(() => client.ListAsync(HubRepository.Parse("owner/other"), cancellationToken: HubFixture.Token));
    }

    private static HubClient Offline(HubFixture hub, string switchedBy) => switchedBy == "option"
        ? hub.Client(new HubClientOptions { Offline = true }, new NoNetwork())
        : hub.Client(null, new NoNetwork(), null, (switchedBy, "1"));

    private static Uri DeadEndpoint()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
