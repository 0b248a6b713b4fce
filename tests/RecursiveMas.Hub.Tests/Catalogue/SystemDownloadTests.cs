using RecursiveMas.HubServer;
using RecursiveMas.Testing;

namespace RecursiveMas.Hub.Tests;

/// <summary>Released systems, served as the tiny systems of the golden data, whose repositories have the released names.</summary>
public class SystemDownloadTests
{
    private const string Owner = "RecursiveMAS";

    public static IEnumerable<TheoryDataRow<string>> Systems =>
        Goldens.Subfolders("mas", folder => ReleasedSystems.TryFind(Path.GetFileName(folder)) is not null);

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task A_system_downloads_what_it_needs_and_is_then_complete_offline(string name)
    {
        ReleasedSystem system = ReleasedSystems.TryFind(name)!;
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.AddFolders(Owner, Goldens.Folder("mas", name));
        using HubClient client = hub.Client();
        HubPlan plan = await client.PlanAsync(system, cancellationToken: HubFixture.Token);
        Assert.False(Directory.Exists(hub.Cache));
        await client.DownloadAsync(plan, null, HubFixture.Token);

        Assert.Equal(system.Repositories, plan.Repositories.Select(repository => repository.Listing.Repository));
        foreach (HubPlannedRepository repository in plan.Repositories)
        {
            string source = Goldens.Folder("mas", name, repository.Listing.Repository.Name);
            Assert.Equal(
                Directory.EnumerateFiles(source).Select(path => Path.GetFileName(path)).Where(file => file != "README.md").Order(StringComparer.Ordinal),
                repository.Files.Select(file => file.Path));
            Assert.All(
                repository.Files,
                file => Assert.Equal(File.ReadAllBytes(Path.Combine(source, file.Path)), File.ReadAllBytes(Path.Combine(repository.Folder, file.Path))));
        }

        using HubClient offline = hub.Client(new HubClientOptions { Offline = true });
        Assert.True((await offline.PlanAsync(system, cancellationToken: HubFixture.Token)).IsComplete);
    }

    [Fact]
    public async Task Only_the_links_of_the_task_are_downloaded()
    {
        ReleasedSystem system = ReleasedSystems.TryFind("sequential_light")!;
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.AddFolders(Owner, Goldens.Folder("mas", system.Name));
        using HubClient client = hub.Client();
        HubPlan plan = await client.PlanAsync(system, ["math"], HubFixture.Token);
        string[] links = [.. plan.Repositories
            .SelectMany(repository => repository.Files)
            .Select(file => file.Path)
            .Where(path => path.EndsWith(".pt", StringComparison.Ordinal))];
        Assert.Equal(system.Agents.Count + system.Links.Count, links.Length);
        Assert.All(links, path => Assert.Contains("(math)", path, StringComparison.Ordinal));
        await client.DownloadAsync(plan, null, HubFixture.Token);

        // The other task is known to be missing, file by file.
        HubOfflineException error = await Assert.ThrowsAsync<HubOfflineException>(() => client.PlanFromCacheAsync(system, ["code"], HubFixture.Token));
        Assert.Equal(system.Agents.Count + system.Links.Count, error.Missing.Sum(missing => missing.Files.Count));
        Assert.EndsWith("recursivemas download sequential_light", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOptionException>(() => client.PlanAsync(system, ["poetry"], HubFixture.Token));
    }

    [Fact]
    public async Task Other_formats_of_the_weights_and_strange_files_are_left()
    {
        ReleasedSystem system = ReleasedSystems.TryFind("deliberation")!;
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.AddFolders(Owner, Goldens.Folder("mas", system.Name));
        ServedRepository served = hub.Server.Repository(system.Agents[0].Repository.Id);
        served.Commit(new Dictionary<string, ServedFile>(served.Files)
        {
            ["pytorch_model.bin"] = ServedFile.Random(2_000_000, 1),
            ["original/consolidated.safetensors"] = ServedFile.Random(2_000_000, 2),
            ["modeling.py"] = ServedFile.Of("print()"),
            ["optimizer.pt"] = ServedFile.Of("x"),
        });
        HubPlan plan = await hub.Client().PlanAsync(system, cancellationToken: HubFixture.Token);
        Assert.DoesNotContain(
            plan.Repositories[0].Files,
            file => file.Path is "pytorch_model.bin" or "original/consolidated.safetensors" or "modeling.py" or "optimizer.pt" or "README.md");
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("model.safetensors")]
    [InlineData("adapter(math).pt")]
    public async Task A_repository_that_lacks_something_is_refused_before_anything_is_downloaded(string file)
    {
        ReleasedSystem system = ReleasedSystems.TryFind("sequential_light")!;
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.AddFolders(Owner, Goldens.Folder("mas", system.Name));
        ServedRepository served = hub.Server.Repository(system.Agents[1].Repository.Id);
        served.Commit(served.Files.Where(entry => entry.Key != file).ToDictionary());
        HubProtocolException error =
            await Assert.ThrowsAnyAsync<HubProtocolException>(() => hub.Client().PlanAsync(system, cancellationToken: HubFixture.Token));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(system.Agents[1].Repository.Id, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(hub.Cache));
    }

    [Fact]
    public async Task What_several_repositories_lack_is_said_at_once()
    {
        ReleasedSystem system = ReleasedSystems.TryFind("sequential_light")!;
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.AddFolders(Owner, Goldens.Folder("mas", system.Name));
        string[] lost = ["config.json", "model.safetensors", "adapter(code).pt"];
        foreach (ReleasedAgent agent in system.Agents.Take(2))
        {
            ServedRepository served = hub.Server.Repository(agent.Repository.Id);
            served.Commit(served.Files.Where(entry => !lost.Contains(entry.Key)).ToDictionary());
        }

        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.Client().PlanAsync(system, cancellationToken: HubFixture.Token));
        Assert.All(
            system.Agents.Take(2),
            agent => Assert.Contains($"{agent.Repository}: lacks adapter(code).pt, config.json, model.safetensors,", error.Message, StringComparison.Ordinal));

        foreach (ReleasedAgent agent in system.Agents)
            hub.Server.Repository(agent.Repository.Id).Access = ServedAccess.Gated;
        HubAccessException gated = await Assert.ThrowsAsync<HubAccessException>(() => hub.Client().PlanAsync(system, cancellationToken: HubFixture.Token));
        Assert.All(
            system.Agents,
            agent => Assert.Contains(new Uri(hub.Server.Endpoint, agent.Repository.Id).ToString(), gated.Message, StringComparison.Ordinal));
        Assert.NotNull(gated.TermsPage);
    }

    /// <summary>Weights in several files: the index says which there must be, on the hub and in caches that other tools filled in part.</summary>
    [Fact]
    public async Task Every_file_of_weights_that_the_index_names_is_needed()
    {
        ReleasedSystem system = ReleasedSystems.TryFind("deliberation")!;
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.AddFolders(Owner, Goldens.Folder("mas", system.Name));
        ServedRepository served = hub.Server.Repository(system.Agents[0].Repository.Id);
        string[] shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
        var files = new Dictionary<string, ServedFile>(served.Files)
        {
            ["model.safetensors.index.json"] = ServedFile.Of($$"""{"weight_map": {"a": "{{shards[0]}}", "b": "{{shards[1]}}", "c": "{{shards[1]}}"} }"""),
            [shards[0]] = ServedFile.Random(2_000_000, 1),
        };
        files.Remove("model.safetensors");
        served.Commit(files);
        HubProtocolException error =
            await Assert.ThrowsAnyAsync<HubProtocolException>(() => hub.Client().PlanAsync(system, cancellationToken: HubFixture.Token));
        Assert.Contains($"lacks {shards[1]},", error.Message, StringComparison.Ordinal);

        files[shards[1]] = ServedFile.Random(2_000_000, 2);
        served.Commit(files);
        HubPlan plan = await hub.Client().PlanAsync(system, cancellationToken: HubFixture.Token);
        Assert.Equal(
            [.. shards, "model.safetensors.index.json"],
            plan.Repositories[0].Files.Select(file => file.Path).Where(path => path.StartsWith("model", StringComparison.Ordinal)));
        await hub.Client().DownloadAsync(plan, null, HubFixture.Token);

        // As an older tool would leave it when it is interrupted: no list of files.
        Directory.Delete(Path.Combine(hub.Cache, "models--" + served.Id.Replace("/", "--", StringComparison.Ordinal), "trees"), recursive: true);
        using HubClient offline = hub.Client(new HubClientOptions { Offline = true }, new NoNetwork());
        Assert.True((await offline.PlanAsync(system, cancellationToken: HubFixture.Token)).IsComplete);
        File.Delete(Path.Combine(plan.Repositories[0].Folder, shards[1]));
        File.Delete(Path.Combine(plan.Repositories[0].Folder, "config.json"));
        HubMissing missing =
            Assert.Single((await Assert.ThrowsAsync<HubOfflineException>(() => offline.PlanAsync(system, cancellationToken: HubFixture.Token))).Missing);
        Assert.Equal(["config.json", shards[1]], missing.Files);
        Assert.Contains(", about ", missing.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"weight_map": {}}""")]
    [InlineData("""{"weight_map": {"a": 5}}""")]
    [InlineData("""{"weight_map": {"a": "x.safetensors"}, "weight_map": {"a": "y.safetensors"}}""")]
    [InlineData("nothing")]
    [InlineData("""{"weight_map": {"a": "\ud800"}}""")]
    public async Task An_index_that_names_no_files_is_refused(string index)
    {
        ReleasedSystem system = ReleasedSystems.TryFind("deliberation")!;
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.AddFolders(Owner, Goldens.Folder("mas", system.Name));
        ServedRepository served = hub.Server.Repository(system.Agents[0].Repository.Id);
        var files = new Dictionary<string, ServedFile>(served.Files) { ["model.safetensors.index.json"] = ServedFile.Of(index) };
        files.Remove("model.safetensors");
        served.Commit(files);
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.Client().PlanAsync(system, cancellationToken: HubFixture.Token));
        Assert.Contains(served.Id, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(hub.Cache));
    }

    /// <summary>A hub that is not there is not asked for each repository anew.</summary>
    [Fact]
    public async Task Without_a_network_the_hub_is_tried_for_once_and_everything_is_listed()
    {
        ReleasedSystem system = ReleasedSystems.TryFind("mixture")!;
        await using HubFixture hub = await HubFixture.StartAsync();
        using var handler = new DeadNetwork();
        using HubClient client = hub.Client(null, handler);
        HubOfflineException error = await Assert.ThrowsAsync<HubOfflineException>(() => client.PlanAsync(system, cancellationToken: HubFixture.Token));
        Assert.Equal(system.Repositories, error.Missing.Select(missing => missing.Repository));
        Assert.Equal(5, handler.Requests);
        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("recursivemas download mixture", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_every_missing_repository_is_listed_with_owner_name_size_and_the_command()
    {
        ReleasedSystem system = ReleasedSystems.TryFind("mixture")!;
        await using HubFixture hub = await HubFixture.StartAsync();
        using HubClient client = hub.Client(new HubClientOptions { Offline = true }, new NoNetwork());
        HubOfflineException error = await Assert.ThrowsAsync<HubOfflineException>(() => client.PlanAsync(system, cancellationToken: HubFixture.Token));
        Assert.Equal(system.Repositories, error.Missing.Select(missing => missing.Repository));
        Assert.All(
            system.Agents,
            agent => Assert.Contains($"{agent.Repository.Id}, about {ByteText.Of(agent.ApproximateBytes)}", error.Message, StringComparison.Ordinal));
        Assert.EndsWith("recursivemas download mixture", error.Message, StringComparison.Ordinal);
    }

    private sealed class DeadNetwork : HttpMessageHandler
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            throw new HttpRequestException(HttpRequestError.NameResolutionError, "Name or service not known");
        }
    }
}
