using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RecursiveMas.Configuration;
using RecursiveMas.HubServer;

namespace RecursiveMas.Hub.Tests;

/// <summary>Downloads from a hub that behaves.</summary>
public class DownloadTests
{
    [Fact]
    public async Task The_cache_has_the_layout_that_other_tools_read()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        string snapshot = await hub.DownloadAsync();

        string root = Path.Combine(hub.Cache, "models--owner--model");
        Assert.Equal(Path.Combine(root, "snapshots", repository.Head), snapshot);
        HubFixture.AssertSame(repository, snapshot);
        Assert.Equal(repository.Head, File.ReadAllText(Path.Combine(root, "refs", "main")));
        Assert.Equal(
            repository.Files.Values.Select(file => file.ContentId).Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(Path.Combine(root, "blobs")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        Assert.Equal($"../../blobs/{repository.Files["config.json"].ContentId}", new FileInfo(Path.Combine(snapshot, "config.json")).LinkTarget);
        Assert.Equal(
            $"../../../../blobs/{repository.Files["sub/deeper/notes.txt"].ContentId}",
            new FileInfo(Path.Combine(snapshot, "sub", "deeper", "notes.txt")).LinkTarget);
        Assert.True(File.Exists(Path.Combine(hub.Cache, "CACHEDIR.TAG")));
        Assert.True(File.Exists(Path.Combine(root, "trees", repository.Head + ".json")));
        Assert.Equal(
            ["blobs", "refs", "snapshots", "trees"],
            Directory.EnumerateFileSystemEntries(root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        hub.AssertLocksFree();
    }

    [Fact]
    public async Task What_is_here_is_not_downloaded_again()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        string first = await hub.DownloadAsync();
        hub.Server.Requests.Clear();
        Assert.Equal(first, await hub.DownloadAsync());
        // The branch may have moved, so the hub is asked for its commit, and for nothing else.
        Assert.EndsWith("/revision/main", Assert.Single(hub.Server.Requests).Path, StringComparison.Ordinal);

        using HubClient quiet = hub.ClientOf(hub.Settings(), new NoNetwork());
        Assert.Equal(first, await quiet.DownloadAsync(HubFixture.All(revision: repository.Head), null, HubFixture.Token));
    }

    [Fact]
    public async Task Addresses_name_the_commit_and_are_escaped()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        await hub.DownloadAsync();
        Assert.Contains(
            hub.Server.Requests,
            request => request.Method == "HEAD" && request.RawTarget == $"/owner/model/resolve/{repository.Head}/adapter%28math%29.pt");
        Assert.All(
            hub.Server.Requests.Where(request => request.Path.Contains("/resolve", StringComparison.Ordinal)),
            request => Assert.Contains(repository.Head, request.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Branches_with_slashes_tags_and_commits()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        string old = repository.Head;
        string pull = repository.Commit(new Dictionary<string, ServedFile> { ["config.json"] = ServedFile.Of("pull request") }, "refs/pr/1");
        string tag = repository.Commit(new Dictionary<string, ServedFile> { ["config.json"] = ServedFile.Of("tag") }, "v1.0");
        using HubClient client = hub.Client();
        Assert.EndsWith(pull, await client.DownloadAsync(HubFixture.All(revision: "refs/pr/1"), null, HubFixture.Token), StringComparison.Ordinal);
        Assert.EndsWith(tag, await client.DownloadAsync(HubFixture.All(revision: "v1.0"), null, HubFixture.Token), StringComparison.Ordinal);
        Assert.EndsWith(old, await client.DownloadAsync(HubFixture.All(revision: old), null, HubFixture.Token), StringComparison.Ordinal);
        Assert.Contains(hub.Server.Requests, request => request.RawTarget.EndsWith("/revision/refs%2Fpr%2F1", StringComparison.Ordinal));
        CachedRepository cached = Assert.Single(client.Cache.List());
        Assert.Equal(new Dictionary<string, string> { ["refs/pr/1"] = pull, ["v1.0"] = tag }, cached.Revisions);
        Assert.Equal(3, cached.Commits.Count);
        HubNotFoundException error =
            await Assert.ThrowsAsync<HubNotFoundException>(() => client.DownloadAsync(HubFixture.All(revision: "nowhere"), null, HubFixture.Token));
        Assert.Contains("revision", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOptionException>(() => client.DownloadAsync(HubFixture.All(revision: "../x"), null, HubFixture.Token));
    }

    [Fact]
    public async Task A_branch_that_moved_brings_only_what_changed()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        string first = await hub.DownloadAsync();
        string before = repository.Head;
        repository.Commit(new Dictionary<string, ServedFile>(repository.Files) { ["config.json"] = ServedFile.Of("new") });
        hub.Server.Requests.Clear();
        string second = await hub.DownloadAsync();
        Assert.NotEqual(first, second);
        HubFixture.AssertSame(repository, second);
        HubFixture.AssertSame(repository, first, before);
        Assert.Equal(1, hub.Downloads("config.json"));
        Assert.Equal(1, hub.Downloads());
    }

    [Fact]
    public async Task Data_sets_have_folders_and_addresses_of_their_own()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.Server.Add(
            "owner/questions",
            new Dictionary<string, ServedFile> { ["data/test.jsonl"] = ServedFile.Of("{}"), ["data/big.parquet"] = ServedFile.Random(2_000_000, 5) },
            "datasets");
        string snapshot = await hub.DownloadAsync("datasets/owner/questions");
        Assert.StartsWith(Path.Combine(hub.Cache, "datasets--owner--questions"), snapshot, StringComparison.Ordinal);
        HubFixture.AssertSame(repository, snapshot);
        await Assert.ThrowsAsync<HubAccessException>(() => hub.DownloadAsync("owner/questions"));
    }

    [Fact]
    public async Task Renamed_repositories_are_found_under_the_old_name()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel("owner/new");
        hub.Server.Renamed["owner/old"] = "owner/new";
        string snapshot = await hub.DownloadAsync("owner/old");
        HubFixture.AssertSame(repository, snapshot);
        Assert.Contains("models--owner--old", snapshot, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_lists_come_in_pages()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.PageSize = 7;
        ServedRepository repository = hub.Server.Add("owner/many", Enumerable.Range(0, 40).ToDictionary(i => $"f{i:00}", i => ServedFile.Of($"{i}")));
        HubFixture.AssertSame(repository, await hub.DownloadAsync("owner/many"));
        Assert.Equal(6, hub.Server.Requests.Count(request => request.Path.Contains("/tree/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Addresses_of_the_default_host_mean_the_endpoint()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.PageSize = 4;
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(
            request => request.Path.Contains("/tree/", StringComparison.Ordinal) && !request.RawTarget.Contains("cursor", StringComparison.Ordinal),
            new Fault
            {
                Headers = new Dictionary<string, string?> { ["Link"] =
                    $"<{Configuration.HubEnvironment.DefaultEndpoint}/api/models/owner/model/tree/{repository.Head}?recursive=true&cursor=4>; rel=\"next\"" },
            });
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
    }

    [Fact]
    public async Task Progress_counts_every_byte_per_file_and_in_total()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        var progress = new Collected<DownloadProgress>();
        await hub.Client().DownloadAsync(HubFixture.All(), progress, HubFixture.Token);
        long total = repository.Files.Values.Sum(file => file.Length);
        DownloadProgress last = progress.Values.Last();
        Assert.Equal((total, total, 6, 6), (last.Bytes, last.TotalBytes, last.FilesDone, last.FilesTotal));
        Assert.All(progress.Values.Zip(progress.Values.Skip(1)), pair => Assert.True(pair.First.Bytes <= pair.Second.Bytes));
        foreach (IGrouping<string, DownloadProgress> file in progress.Values.GroupBy(value => value.File))
            Assert.Equal(repository.Files[file.Key].Length, file.Max(value => value.FileBytes));
        Assert.Equal(repository.Files.Keys.Order(StringComparer.Ordinal), progress.Values.Select(value => value.File).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Files_come_side_by_side_as_many_as_allowed()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.Add("owner/many", Enumerable.Range(0, 12).ToDictionary(i => $"f{i:00}", i => ServedFile.Random(1000, i)));
        int now = 0, most = 0;
        hub.Server.Misbehave(
            request => request.IsDownload && request.Path.Contains("cache", StringComparison.Ordinal),
            new Fault { Delay = TimeSpan.FromMilliseconds(150), Used = _ => Count() });
        await hub.DownloadAsync("owner/many", new HubClientOptions { MaxParallelFiles = 3 });
        Assert.InRange(most, 2, 3);

        void Count()
        {
            int running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            _ = Task.Delay(120).ContinueWith(_ => Interlocked.Decrement(ref now), TaskScheduler.Default);
        }

        static void InterlockedMax(ref int place, int value)
        {
            int seen;
            while ((seen = Volatile.Read(ref place)) < value && Interlocked.CompareExchange(ref place, value, seen) != seen)
            {
                // Another thread was faster.
            }
        }
    }

    [Fact]
    public async Task Starts_of_files_are_read_by_range_and_small_files_whole_and_verified()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        using HubClient client = hub.Client();
        HubListing listing = await client.ListAsync(HubRepository.Parse("owner/model"), cancellationToken: HubFixture.Token);
        Assert.Equal(repository.Files.Keys.Order(StringComparer.Ordinal), listing.Files.Select(file => file.Path));
        byte[] start = await client.ReadStartAsync(listing, listing.Find("model.safetensors")!, 1000, HubFixture.Token);
        Assert.Equal(repository.Files["model.safetensors"].Pieces(0).First()[..1000].ToArray(), start);
        Assert.Equal(1000, hub.Server.FileBytes);
        Assert.Equal("notes"u8.ToArray(), await client.ReadFileAsync(listing, listing.Find("sub/deeper/notes.txt")!, cancellationToken: HubFixture.Token));
        Assert.Empty(await client.ReadFileAsync(listing, listing.Find("empty.txt")!, cancellationToken: HubFixture.Token));
        await Assert.ThrowsAsync<HubProtocolException>(() => client.ReadFileAsync(
            listing,
            listing.Find("model.safetensors")!,
            cancellationToken: HubFixture.Token));
        hub.Server.Misbehave(request => request.IsDownload, new Fault { Corrupt = true });
        await Assert.ThrowsAsync<HubIntegrityException>(() => client.ReadFileAsync(listing, listing.Find("config.json")!, cancellationToken: HubFixture.Token));
        Assert.False(Directory.Exists(hub.Cache));
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_to_no_other_host()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        repository.Access = ServedAccess.Private;
        var log = new CollectedLog();
        using HubClient client = hub.Client(null, null, log, ("HF_TOKEN", hub.Server.Token), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "0"));
        HubFixture.AssertSame(repository, await client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        Assert.Contains(hub.Server.Requests, request => request.Storage);
        Assert.All(hub.Server.Requests, request => Assert.Equal(request.Storage ? null : $"Bearer {hub.Server.Token}", request.Authorization));
        Assert.All(log.Lines, line => Assert.DoesNotContain(hub.Server.Token, line.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Gated_repositories_name_the_page_where_terms_are_accepted()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel().Access = ServedAccess.Gated;
        foreach (string token in new[] { "", hub.Server.Token })
        {
            HubAccessException error = await Assert.ThrowsAsync<HubAccessException>(() => hub.DownloadAsync(options: new HubClientOptions { Token = token }));
            Assert.Equal(new Uri(hub.Server.Endpoint, "owner/model"), error.TermsPage);
            Assert.Contains($"Accept its terms at {error.TermsPage}", error.Message, StringComparison.Ordinal);
            Assert.Equal(token.Length == 0, error.Message.Contains("HF_TOKEN", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("""{"license": "apache-2.0"}""", "apache-2.0")]
    [InlineData("""{"license": ["mit", "cc-by-4.0"]}""", "mit, cc-by-4.0")]
    [InlineData("""{"license": "other", "license_name": "llama3.2"}""", "llama3.2")]
    [InlineData("""{"license": "other"}""", "other")]
    [InlineData("""{"license": "\u001b[2Jmit"}""", null)]
    [InlineData("""{"license": 5}""", "gemma")]
    [InlineData("null", "gemma")]
    public async Task The_licence_is_the_one_that_the_card_names(string card, string? licence)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        repository.CardData = JsonElement.Parse(card);
        repository.Tags = ["text-generation", "license:gemma"];
        Assert.Equal(licence, (await hub.Client().ListAsync(HubRepository.Parse("owner/model"), cancellationToken: HubFixture.Token)).Licence);
    }

    [Fact]
    public async Task Private_missing_and_disabled_repositories_say_what_they_may_be()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        repository.Access = ServedAccess.Private;
        HubAccessException hidden = await Assert.ThrowsAsync<HubAccessException>(() => hub.DownloadAsync());
        Assert.Contains("no such repository", hidden.Message, StringComparison.Ordinal);
        Assert.Contains("HF_TOKEN", hidden.Message, StringComparison.Ordinal);
        HubNotFoundException missing =
            await Assert.ThrowsAsync<HubNotFoundException>(() => hub.DownloadAsync("owner/nothing", new HubClientOptions { Token = hub.Server.Token }));
        Assert.Contains("owner/nothing", missing.Message, StringComparison.Ordinal);
        repository.Access = ServedAccess.Disabled;
        HubAccessException disabled = await Assert.ThrowsAsync<HubAccessException>(() => hub.DownloadAsync());
        Assert.Contains("disabled", disabled.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_and_handlers_can_be_given_and_registered()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        HubClientOptions Options(string cache) => new() { Endpoint = hub.Server.Endpoint, CacheFolder = Path.Combine(hub.Folder, cache), Token = "" };
        using var http = new HttpClient(HubClient.CreateHandler());
        using (var client = new HubClient(http, Options("a")))
            HubFixture.AssertSame(repository, await client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));

        var counter = new Counter();
        var services = new ServiceCollection();
        services.AddRecursiveMasHub(Options("b")).AddHttpMessageHandler(() => counter.New());
        await using ServiceProvider provider = services.BuildServiceProvider();
        HubFixture.AssertSame(repository, await provider.GetRequiredService<HubClient>().DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        Assert.InRange(counter.Requests, repository.Files.Count, 100);

        using var following = new HttpClient();
        using var wrong = new HubClient(following, Options("c"));
        InvalidOptionException error = await Assert.ThrowsAsync<InvalidOptionException>(() => wrong.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        Assert.Contains("AllowAutoRedirect", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_noticed_before_anything_is_downloaded()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        using HubClient client = hub.ClientOf(hub.Settings() with { FreeSpace = _ => 3_000_000 });
        HubDiskException error = await Assert.ThrowsAsync<HubDiskException>(() => client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        Assert.Contains("3.00 MB free", error.Message, StringComparison.Ordinal);
        Assert.Contains("67.1 MB are left free for everything else", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(hub.Cache));
        Assert.Contains(ByteText.Of(repository.Files.Values.Sum(file => file.Length)), error.Message, StringComparison.Ordinal);
        Assert.Equal(0, hub.Downloads());
    }

    [Fact]
    public async Task The_disk_holds_a_file_before_it_gets_its_name_where_that_is_asked_for()
    {
        Assert.Null(HubSettings.Resolve(new HubClientOptions(), new HubEnvironment(_ => null)).Flush);
        Assert.NotNull(HubSettings.Resolve(new HubClientOptions { FlushToDisk = true }, new HubEnvironment(_ => null)).Flush);
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        var flushed = new ConcurrentBag<(long Length, int Named)>();
        using HubClient client = hub.ClientOf(hub.Settings() with
        {
            Flush = file => flushed.Add((RandomAccess.GetLength(file), Directory.GetFiles(hub.Cache, "*", SearchOption.AllDirectories).Count(IsBlob))),
            MaxParallelFiles = 1,
        });
        HubFixture.AssertSame(repository, await client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        string[] blobs = [.. repository.Files.Values.Select(file => file.ContentId).Distinct()];
        Assert.Equal(blobs.Length, flushed.Count);
        Assert.Equal(Enumerable.Range(0, blobs.Length), flushed.Select(flush => flush.Named).Order());
        Assert.Equal(
            repository.Files.Values.DistinctBy(file => file.ContentId).Select(file => file.Length).Order(),
            flushed.Select(flush => flush.Length).Order());

        static bool IsBlob(string path) => Path.GetFileName(Path.GetDirectoryName(path)) == "blobs" && !path.EndsWith(".resumable", StringComparison.Ordinal);
    }

    /// <summary>A disk that can only be read has no free space either, and a folder of the kernel has none at all.</summary>
    [Fact]
    public async Task A_cache_that_cannot_be_written_is_told_from_a_full_disk()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        string file = Path.Combine(hub.Folder, "file");
        await File.WriteAllTextAsync(file, "no folder", HubFixture.Token);
        foreach (string folder in OperatingSystem.IsLinux() ? new[] { Path.Combine(file, "hub"), "/proc/recursivemas-hub" } : [Path.Combine(file, "hub")])
        {
            using HubClient client = hub.ClientOf(hub.Settings(new HubClientOptions { CacheFolder = folder }) with { FreeSpace = _ => 0 });
            HubDiskException error = await Assert.ThrowsAsync<HubDiskException>(() => client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
            Assert.StartsWith($"{folder}: the cache cannot be written here: ", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("free", error.Message, StringComparison.Ordinal);
        }

        Assert.Throws<InvalidOptionException>(() => hub.Settings(new HubClientOptions { CacheFolder = file }));
        Assert.Throws<InvalidOptionException>(() => hub.Settings(new HubClientOptions { CacheFolder = "" }, ("HF_HUB_CACHE", file)));
        Assert.Throws<HubDiskException>(() => new HubCache(file).List());
        Assert.Throws<HubDiskException>(() => new HubCache(file).Find(HubRepository.Parse("owner/model")));
    }

    private sealed class Counter
    {
        public int Requests;

        public DelegatingHandler New() => new Counting(this);

        private sealed class Counting(Counter counter) : DelegatingHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                Interlocked.Increment(ref counter.Requests);
                return base.SendAsync(request, cancellationToken);
            }
        }
    }
}
