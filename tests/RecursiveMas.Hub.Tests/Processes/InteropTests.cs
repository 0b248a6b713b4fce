using System.Diagnostics;
using System.Text.Json;
using RecursiveMas.HubServer;
using RecursiveMas.Testing;

namespace RecursiveMas.Hub.Tests;

/// <summary>The official JavaScript client and ours fill the same cache, and read each other's.</summary>
public class InteropTests
{
    private static string Client => Path.Combine(Goldens.RepositoryRoot, "artifacts", "hub");

    [Fact]
    public async Task Both_clients_fill_the_cache_alike()
    {
        RequireClient();
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = AddModel(hub);
        string theirs = Path.Combine(hub.Folder, "theirs");
        string snapshot = (await RunAsync(hub, theirs)).GetProperty("snapshot").GetString()!;
        Assert.Equal(Path.Combine(theirs, "models--owner--model", "snapshots", repository.Head), snapshot);
        HubFixture.AssertSame(repository, snapshot);
        await hub.DownloadAsync();
        Assert.Equal(Entries(Path.Combine(theirs, "models--owner--model")), Entries(Path.Combine(hub.Cache, "models--owner--model")));
    }

    [Fact]
    public async Task It_reads_the_cache_that_we_filled()
    {
        RequireClient();
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = AddModel(hub);
        string ours = await hub.DownloadAsync();
        hub.Server.Requests.Clear();
        JsonElement result = await RunAsync(hub, hub.Cache);
        Assert.Equal(ours, result.GetProperty("snapshot").GetString());
        Assert.Equal(0, hub.Downloads());
        JsonElement cached = Assert.Single(result.GetProperty("cache").GetProperty("repos").EnumerateArray());
        Assert.Empty(result.GetProperty("cache").GetProperty("warnings").EnumerateArray());
        Assert.Equal("owner/model", cached.GetProperty("id").GetProperty("name").GetString());
        JsonElement revision = Assert.Single(cached.GetProperty("revisions").EnumerateArray());
        Assert.Equal((repository.Head, "main"), (revision.GetProperty("commitOid").GetString(), revision.GetProperty("refs")[0].GetString()));
        // It looks at files of the first level only.
        Assert.Equal(4, revision.GetProperty("files").GetArrayLength());
    }

    [Fact]
    public async Task We_read_the_cache_that_it_filled()
    {
        RequireClient();
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = AddModel(hub);
        string theirs = (await RunAsync(hub, hub.Cache)).GetProperty("snapshot").GetString()!;
        using (HubClient offline = hub.Client(new HubClientOptions { Offline = true }, new NoNetwork()))
        {
            Assert.Equal(theirs, await offline.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
            HubListing listing = offline.Cache.FindListing(HubRepository.Parse("owner/model"))!;
            Assert.All(offline.Cache.Verify(listing, cancellationToken: HubFixture.Token), file => Assert.Equal(CachedFileState.Verified, file.State));
        }

        hub.Server.Requests.Clear();
        Assert.Equal(theirs, await hub.DownloadAsync());
        Assert.Equal(0, hub.Downloads());
        HubFixture.AssertSame(repository, theirs);
    }

    /// <summary>Without the empty file, of which the JavaScript client asks for the first byte.</summary>
    private static ServedRepository AddModel(HubFixture hub) =>
        hub.Server.Add("owner/model", HubFixture.Files().Where(file => file.Value.Length > 0).ToDictionary());

    /// <summary>References, blobs and links, with what they hold; our lists of files are an addition that it does not write.</summary>
    private static string[] Entries(string root) =>
        [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path))
            .Where(path => !path.StartsWith("trees", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path => new FileInfo(Path.Combine(root, path)) is { LinkTarget: { } target }
                ? $"{path} -> {target}"
                : path.StartsWith("refs", StringComparison.Ordinal) ? $"{path} = {File.ReadAllText(Path.Combine(root, path))}" : path)];

    private static void RequireClient() => Assert.SkipUnless(
        Directory.Exists(Path.Combine(Client, "node_modules", "@huggingface", "hub")),
        $"@huggingface/hub is not at {Client}; eng/hub/fetch.mjs, which .ci/run calls, puts it there.");

    private static async Task<JsonElement> RunAsync(HubFixture hub, string cache)
    {
        var start = new ProcessStartInfo("node", [
            Path.Combine(Goldens.RepositoryRoot, "eng", "hub", "snapshot.mjs"),
            Client,
            hub.Server.Endpoint.ToString().TrimEnd('/'),
            "owner/model",
            cache,
        ]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process node = Process.Start(start)!;
        Task<string> output = node.StandardOutput.ReadToEndAsync(HubFixture.Token), error = node.StandardError.ReadToEndAsync(HubFixture.Token);
        await node.WaitForExitAsync(HubFixture.Token);
        Assert.True(node.ExitCode == 0, await error);
        using JsonDocument document = JsonDocument.Parse((await output).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        return document.RootElement.Clone();
    }
}
