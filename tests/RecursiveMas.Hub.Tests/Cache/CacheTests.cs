using RecursiveMas.HubServer;

namespace RecursiveMas.Hub.Tests;

/// <summary>The cache on disk: links and their replacement, damage, removal, caches of other tools.</summary>
public class CacheTests
{
    [Theory]
    [InlineData("option")]
    [InlineData("HF_HUB_DISABLE_SYMLINKS")]
    public async Task Without_symbolic_links_files_lie_in_the_snapshot(string switchedBy)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        using HubClient client = Unlinked(hub, switchedBy);
        string snapshot = await client.DownloadAsync(HubFixture.All(), null, HubFixture.Token);
        HubFixture.AssertSame(repository, snapshot);
        Assert.All(Directory.EnumerateFiles(snapshot, "*", SearchOption.AllDirectories), path => Assert.Null(new FileInfo(path).LinkTarget));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(hub.Cache, "models--owner--model", "blobs")));
        hub.Server.Requests.Clear();
        await client.DownloadAsync(HubFixture.All(), null, HubFixture.Token);
        Assert.Equal(0, hub.Downloads());
        // A client with links reads it too, and the other way round.
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.Equal(0, hub.Downloads());
    }

    [Fact]
    public async Task Without_symbolic_links_an_existing_blob_is_copied()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        await hub.DownloadAsync();
        repository.Commit(new Dictionary<string, ServedFile>(repository.Files) { ["config.json"] = ServedFile.Of("new") });
        hub.Server.Requests.Clear();
        string snapshot = await Unlinked(hub, "option").DownloadAsync(HubFixture.All(), null, HubFixture.Token);
        HubFixture.AssertSame(repository, snapshot);
        Assert.Null(new FileInfo(Path.Combine(snapshot, "model.safetensors")).LinkTarget);
        Assert.Equal(1, hub.Downloads());
    }

    /// <summary>Whatever stands where a file belongs is replaced, never written through.</summary>
    [Fact]
    public async Task Entries_that_are_damaged_are_replaced()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        string snapshot = await hub.DownloadAsync();
        string outside = Path.Combine(hub.Folder, "outside.txt");
        await File.WriteAllTextAsync(outside, "mine", HubFixture.Token);

        string entry = Path.Combine(snapshot, "config.json");
        foreach (Action damage in new Action[]
        {
            () => File.CreateSymbolicLink(entry, outside),
            () => File.CreateSymbolicLink(entry, "../../blobs/nowhere"),
            () => File.CreateSymbolicLink(entry, entry),
            () => File.WriteAllText(entry, "half"),
        })
        {
            File.Delete(entry);
            damage();
            HubFixture.AssertSame(repository, await hub.DownloadAsync());
            Assert.Equal("mine", await File.ReadAllTextAsync(outside, HubFixture.Token));
        }
    }

    [Fact]
    public async Task Verification_finds_what_changed_and_repair_brings_it_again()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        await hub.DownloadAsync();
        using HubClient client = hub.Client();
        HubListing listing = client.Cache.FindListing(HubRepository.Parse("owner/model"))!;
        Assert.All(client.Cache.Verify(listing, cancellationToken: HubFixture.Token), file => Assert.Equal(CachedFileState.Verified, file.State));

        string blob = Path.Combine(hub.Cache, "models--owner--model", "blobs", repository.Files["model.safetensors"].ContentId);
        byte[] bytes = await File.ReadAllBytesAsync(blob, HubFixture.Token);
        bytes[1_000_000] ^= 1;
        await File.WriteAllBytesAsync(blob, bytes, HubFixture.Token);
        File.Delete(Path.Combine(client.Cache.FolderOf(listing), "config.json"));
        IReadOnlyList<CachedFile> states = client.Cache.Verify(listing, listing.Files, cancellationToken: HubFixture.Token);
        Assert.Equal(CachedFileState.Corrupt, states.Single(file => file.Path == "model.safetensors").State);
        Assert.Equal(CachedFileState.Missing, states.Single(file => file.Path == "config.json").State);
        Assert.Equal(4, states.Count(file => file.State == CachedFileState.Verified));

        client.Cache.Discard(listing, [listing.Find("model.safetensors")!]);
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.All(
            client.Cache.Verify(listing, listing.Files, cancellationToken: HubFixture.Token),
            file => Assert.Equal(CachedFileState.Verified, file.State));
    }

    [Fact]
    public async Task Verification_misses_what_was_asked_for_and_nothing_else()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        using HubClient client = hub.Client();
        async Task DownloadAsync(params string[] patterns) =>
            await client.DownloadAsync(HubFixture.All() with { Filter = HubFileFilter.Patterns(patterns, []) }, null, HubFixture.Token);
        string[] Missing(HubListing listing) =>
        [
            .. client.Cache.Verify(listing, cancellationToken: HubFixture.Token)
                .Where(file => file.State != CachedFileState.Verified)
                .Select(file => file.Path),
        ];

        await DownloadAsync("config.json");
        await DownloadAsync("*.txt");
        HubListing listing = client.Cache.FindListing(HubRepository.Parse("owner/model"))!;
        Assert.Equal(["config.json", "empty.txt", "sub/deeper/notes.txt"], client.Cache.Wanted(listing).Select(file => file.Path));
        Assert.Empty(Missing(listing));
        File.Delete(Path.Combine(client.Cache.FolderOf(listing), "config.json"));
        File.Delete(Path.Combine(hub.Cache, "models--owner--model", "blobs", repository.Files["sub/deeper/notes.txt"].ContentId));
        Assert.Equal(["config.json", "sub/deeper/notes.txt"], Missing(listing));

        // Another tool keeps no record; what it has begun is told by its partial file, what it was asked for and has not begun is not.
        string trees = Path.Combine(hub.Cache, "models--owner--model", "trees");
        File.Delete(Path.Combine(trees, repository.Head + ".wanted"));
        Assert.Equal(["sub/deeper/notes.txt"], Missing(listing));
        string partial = Path.Combine(hub.Cache, "models--owner--model", "blobs", repository.Files["model.safetensors"].ContentId + ".incomplete");
        await File.WriteAllTextAsync(partial, "half", HubFixture.Token);
        Assert.Equal(["model.safetensors", "sub/deeper/notes.txt"], Missing(listing));
    }

    /// <summary>A branch that moves on while a download is interrupted leaves a commit that nobody will complete.</summary>
    [Fact]
    public async Task An_abandoned_download_is_missed_until_another_commit_is_complete()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(request => request.Storage, Fault.Answer(418));
        await Assert.ThrowsAnyAsync<HubException>(() => hub.DownloadAsync());
        hub.Server.Behave();
        using HubClient client = hub.Client();
        HubListing first = client.Cache.FindListing(HubRepository.Parse("owner/model"), repository.Head)!;
        Assert.Contains(client.Cache.Verify(first, cancellationToken: HubFixture.Token), file => file.State == CachedFileState.Missing);
        repository.Commit(new Dictionary<string, ServedFile>(repository.Files)
        {
            ["model.safetensors"] = ServedFile.Random(1_000_000, 9),
            ["adapter(math).pt"] = ServedFile.Random(5_000, 10, large: true),
        });
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.All(client.Cache.Verify(first, cancellationToken: HubFixture.Token), file => Assert.Equal(CachedFileState.Verified, file.State));
        HubListing second = client.Cache.FindListing(HubRepository.Parse("owner/model"))!;
        Assert.Equal(repository.Head, second.Commit);
        Assert.Equal(6, client.Cache.Wanted(second).Count);
    }

    [Fact]
    public async Task Listing_and_removing()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.AddModel("owner/other");
        await hub.DownloadAsync();
        await hub.DownloadAsync("owner/other");
        using HubClient client = hub.Client();
        Assert.Equal(["owner/model", "owner/other"], client.Cache.List().Select(cached => cached.Repository.Id));
        CachedRepository cached = client.Cache.Find(HubRepository.Parse("owner/model"))!;
        Assert.Equal([repository.Head], cached.Commits);
        Assert.InRange(cached.Bytes, repository.Files.Values.Sum(file => file.Length), repository.Files.Values.Sum(file => file.Length) + 10_000);
        Assert.Equal(cached.Bytes, client.Cache.Remove(cached.Repository));
        Assert.Null(client.Cache.Remove(cached.Repository));
        // Folders of others are no reason to fail.
        foreach (string stray in new[] { "models--a..b", "models--owner--x.git", "models--", "models--a--b--c", "other" })
            Directory.CreateDirectory(Path.Combine(hub.Cache, stray));
        Assert.Equal(["owner/other"], client.Cache.List().Select(rest => rest.Repository.Id));
        Assert.Equal(["models--owner--other"], Directory.EnumerateDirectories(Path.Combine(hub.Cache, ".locks")).Select(path => Path.GetFileName(path)!));
    }

    /// <summary>Caches of older tools have no list of files: what is there can be used, and the hub tells the rest.</summary>
    [Fact]
    public async Task A_cache_without_a_list_of_files_is_read()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        string snapshot = await hub.DownloadAsync();
        Directory.Delete(Path.Combine(hub.Cache, "models--owner--model", "trees"), recursive: true);
        using HubClient offline = hub.Client(new HubClientOptions { Offline = true }, new NoNetwork());
        Assert.Equal(snapshot, await offline.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        HubListing listing = offline.Cache.FindListing(HubRepository.Parse("owner/model"))!;
        Assert.Equal(repository.Files.Keys.Order(StringComparer.Ordinal), listing.Files.Select(file => file.Path));
        // Blobs are named by their hashes, so that even this can be verified.
        Assert.All(offline.Cache.Verify(listing, cancellationToken: HubFixture.Token), file => Assert.Equal(CachedFileState.Verified, file.State));
        hub.Server.Requests.Clear();
        await hub.DownloadAsync();
        Assert.Equal(0, hub.Downloads());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"format_version": 2, "files": {}}""")]
    [InlineData("""{"format_version": 1, "files": {"../x": {"size": 1, "blob_id": "0000000000000000000000000000000000000000"}}}""")]
    [InlineData("""{"format_version": 1, "files": {"x": {"size": 1, "blob_id": "../../x"}}}""")]
    [InlineData("""{"format_version": 1, "files": {"x": {"size": -1, "blob_id": "0000000000000000000000000000000000000000"}}}""")]
    [InlineData("""{"format_version": 1, "files": {"x": 5}}""")]
    [InlineData("[]")]
    public async Task A_list_of_files_in_another_form_is_not_used(string content)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        await hub.DownloadAsync();
        await File.WriteAllTextAsync(Path.Combine(hub.Cache, "models--owner--model", "trees", repository.Head + ".json"), content, HubFixture.Token);
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.Equal(2, hub.Server.Requests.Count(request => request.Path.Contains("/tree/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_list_of_files_as_newer_tools_write_it_is_used()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        await hub.DownloadAsync();
        ServedFile config = repository.Files["config.json"], weights = repository.Files["model.safetensors"];
        await File.WriteAllTextAsync(
            Path.Combine(hub.Cache, "models--owner--model", "trees", repository.Head + ".json"),
            $$"""{"format_version": 1, "files": {"model.safetensors": {"size": {{weights.Length}}, "blob_id": "{{weights.GitId}}", """ +
            $$""" "lfs_sha256": "{{weights.Sha256}}", "lfs_size": {{weights.Length}}, "xet_hash": "abc"}, """ +
            $$""" "config.json": {"size": {{config.Length}}, "blob_id": "{{config.GitId}}"} } }""",
            HubFixture.Token);
        HubListing listing = hub.Client().Cache.FindListing(HubRepository.Parse("owner/model"))!;
        Assert.Equal(
            [new HubFile("config.json", config.Length, config.GitId, null), new HubFile("model.safetensors", weights.Length, weights.GitId, weights.Sha256)],
            listing.Files);
    }

    [Fact]
    public void Two_snapshots_and_no_reference_are_nothing_to_choose_from()
    {
        using var folder = new TempFolder();
        foreach (char digit in "ab")
            Directory.CreateDirectory(Path.Combine(folder.Path, "models--a--b", "snapshots", new string(digit, 40)));
        var cache = new HubCache(folder.Path);
        Assert.Null(cache.FindListing(HubRepository.Parse("a/b")));
        Assert.NotNull(cache.FindListing(HubRepository.Parse("a/b"), new string('a', 40)));
    }

    private static HubClient Unlinked(HubFixture hub, string switchedBy) => switchedBy == "option"
        ? hub.Client(new HubClientOptions { SymbolicLinks = false })
        : hub.Client(null, null, null, (switchedBy, "1"));
}
