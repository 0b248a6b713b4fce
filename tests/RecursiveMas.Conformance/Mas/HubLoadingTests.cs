using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using RecursiveMas.Catalogue;
using RecursiveMas.HubServer;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Mas;

/// <summary>Released systems by name on a machine that has nothing: the golden systems are served by a hub on loopback.</summary>
public sealed class HubLoadingTests : IDisposable
{
    private const string Owner = "RecursiveMAS";
    private const string Light = "sequential_light";

    private readonly string _folder = Directory.CreateTempSubdirectory("recursivemas-hub-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Cache => Path.Combine(_folder, "hub");

    public static IEnumerable<TheoryDataRow<string>> Styles() =>
        Goldens.Subfolders("mas", folder => ReleasedSystems.TryFind(Path.GetFileName(folder)) is not null);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A question of each recorded run whose answer is certain: fetched, loaded and asked, then the same without a network.</summary>
    [Theory]
    [MemberData(nameof(Styles))]
    public async Task A_name_is_enough_and_afterwards_no_network_is_needed(string style)
    {
        var server = await HubServer.HubServer.StartAsync();
        server.AddFolders(Owner, Goldens.Folder("mas", style));
        using HubClient hub = Client(server);
        var log = new Log();
        var progress = new Progress();
        int compared = await CompareAsync(style, new MasOptions { Hub = hub }, progress, log);
        long total = progress.Downloads.Last().TotalBytes;
        Assert.Equal(total, progress.Downloads.Last().Bytes);
        Assert.Contains(
            log.Lines,
            line => line.Contains(ReleasedSystems.TryFind(style)!.LicenceOf(new HubRepository(
                $"{Owner}/{StyleCatalogue.Find(style).RepositoryOf(StyleCatalogue.Find(style).Graph.Writer)}")), StringComparison.Ordinal));

        // Only the links of the task are loaded, and it is said which.
        string[] links =
        [
            .. log.Lines.Where(line => line.Contains(": links", StringComparison.Ordinal) && line.Contains("are loaded", StringComparison.Ordinal)),
        ];
        Assert.NotEmpty(links);
        Assert.All(links, line => Assert.False(line.Contains("(math)", StringComparison.Ordinal) && line.Contains("(code)", StringComparison.Ordinal), line));
        Assert.All(
            links,
            line => Assert.Equal(StyleCatalogue.Find(style).Graph.Agents.Count + StyleCatalogue.Find(style).Graph.Edges.Count, line.Split(".pt").Length - 1));

        server.Requests.Clear();
        await server.DisposeAsync();
        Assert.Equal(compared, await CompareAsync(style, new MasOptions { Hub = hub, Offline = true }, null, log));
        Assert.Equal(compared, await CompareAsync(style, new MasOptions { Hub = hub, Download = MasDownload.Never }, null, log));
        // What is complete is not asked for either.
        Assert.Equal(compared, await CompareAsync(style, new MasOptions { Hub = hub }, null, log));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_a_download_everything_that_is_missing_is_listed(bool offline)
    {
        Goldens.Folder("mas", Light);
        await using HubServer.HubServer server = await HubServer.HubServer.StartAsync();
        using HubClient hub = Client(server);
        ReleasedSystem system = ReleasedSystems.TryFind(Light)!;
        HubOfflineException error = await Assert.ThrowsAsync<HubOfflineException>(() => MasSystem.LoadAsync(
            Light, new MasOptions { Hub = hub, Offline = offline, Download = offline ? MasDownload.Auto : MasDownload.Never }, cancellationToken: Token));
        Assert.Equal(system.Repositories, error.Missing.Select(missing => missing.Repository));
        Assert.All(error.Missing, missing => Assert.True(missing.Bytes > 0));
        Assert.Contains($"recursivemas download {Light}", error.Message, StringComparison.Ordinal);
        Assert.Contains(offline ? "MasOptions.Offline is set" : "Download is Never", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Asking_tells_sizes_licences_and_memory_and_no_means_no()
    {
        await using HubServer.HubServer server = await HubServer.HubServer.StartAsync();
        server.AddFolders(Owner, Goldens.Folder("mas", Light));
        using HubClient hub = Client(server);
        var options = new MasOptions { Hub = hub, Download = MasDownload.Ask, Dtype = ModelDtype.Float32 };
        Assert.Equal(
            nameof(MasOptions.ConfirmDownload),
            (await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(Light, options, cancellationToken: Token))).Option);

        MasDownloadRequest? asked = null;
        bool answer = false;
        options.ConfirmDownload = (request, _) =>
        {
            asked = request;
            return ValueTask.FromResult(answer);
        };
        HubOfflineException declined = await Assert.ThrowsAsync<HubOfflineException>(() => MasSystem.LoadAsync(Light, options, cancellationToken: Token));
        Assert.Contains("declined", declined.Message, StringComparison.Ordinal);
        Assert.Equal(4, asked!.Plan.Repositories.Count);
        Assert.Contains("Llama 3.2 Community License", asked.ToString(), StringComparison.Ordinal);
        Assert.Contains(ByteText.Of(asked.Plan.MissingBytes), asked.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Cache));
        // Only small files and headers have been read: of the weights not more than their starts.
        Assert.All(
            server.Requests.Where(request => request.IsDownload && request.Storage),
            request => Assert.StartsWith("bytes=0-", request.Range, StringComparison.Ordinal));

        answer = true;
        await using MasSystem mas = await MasSystem.LoadAsync(Light, options, cancellationToken: Token);
        // What was told before the download is what the files say after it.
        MasMemoryEstimate real = MasSystem.EstimateMemory(Light, options with { Folder = Cache });
        Assert.Equal(real.Links, asked.Memory.Links);
        Assert.InRange(asked.Memory.Peak, real.Peak * 0.999, real.Peak * 1.001);
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_is_refused_before_its_weights_are_fetched()
    {
        await using HubServer.HubServer server = await HubServer.HubServer.StartAsync();
        server.AddFolders(Owner, Goldens.Folder("mas", Light));
        ServedRepository served = server.Repository($"{Owner}/Sequential-Light-Critic-Llama3.2-1B");
        JsonNode config = JsonNode.Parse(File.ReadAllText(Goldens.Folder("mas", Light, served.Id.Split('/')[1], "config.json")))!;
        config["model_type"] = "not_known";
        config["architectures"] = new JsonArray("NotKnownForCausalLM");
        served.Commit(new Dictionary<string, ServedFile>(served.Files) { ["config.json"] = ServedFile.Of(config.ToJsonString()) });
        using HubClient hub = Client(server);
        UnsupportedCheckpointException error =
            await Assert.ThrowsAsync<UnsupportedCheckpointException>(() => MasSystem.LoadAsync(Light, new MasOptions { Hub = hub }, cancellationToken: Token));
        Assert.Contains(served.Id, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public async Task Loading_can_be_cancelled_while_it_downloads()
    {
        await using HubServer.HubServer server = await HubServer.HubServer.StartAsync();
        server.AddFolders(Owner, Goldens.Folder("mas", Light));
        using var stop = new CancellationTokenSource();
        server.Misbehave(request => request.Storage && request.Range is null, new Fault { Delay = TimeSpan.FromSeconds(30), Used = _ => stop.Cancel() });
        using HubClient hub = Client(server);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => MasSystem.LoadAsync(Light, new MasOptions { Hub = hub }, cancellationToken: stop.Token));
    }

    [Fact]
    public async Task A_copy_of_another_owner_is_used_as_it_is()
    {
        await using HubServer.HubServer server = await HubServer.HubServer.StartAsync();
        server.AddFolders("somebody", Goldens.Folder("mas", Light));
        using HubClient hub = Client(server);
        foreach (HubRepository repository in ReleasedSystems.TryFind(Light)!.Repositories)
            await hub.DownloadAsync(new HubDownload(new HubRepository($"somebody/{repository.Name}")), null, Token);
        server.Requests.Clear();
        await using MasSystem mas = await MasSystem.LoadAsync(Light, new MasOptions { Hub = hub, Dtype = ModelDtype.Float32 }, cancellationToken: Token);
        Assert.Empty(server.Requests);
    }

    /// <summary>What the catalogue says and what the styles say is the same.</summary>
    [Fact]
    public void The_catalogue_agrees_with_the_styles()
    {
        foreach (ReleasedSystem system in ReleasedSystems.All)
        {
            StyleDefinition style = StyleCatalogue.Find(system.Name);
            Assert.Equal(style.Graph.Agents, system.Agents.Select(agent => agent.Role));
            Assert.Equal(style.AllRepositories, system.Repositories.Select(repository => repository.Name));
            Assert.Equal(style.LinksByTask, system.Tasks.Count > 0);
            Assert.Equal(
                style.Graph.Edges.Select(edge => (edge.Key, edge.From, edge.To)).Order(),
                system.Links.Select(link => (link.Key, link.From, link.To)).Order());
        }

        Assert.All(
            StyleCatalogue.All.Where(style => ReleasedSystems.TryFind(style.Name) is null),
            style => Assert.Contains(style.Name, TinySystemFiles.Systems));
    }

    private HubClient Client(HubServer.HubServer server) =>
        new(new HubClientOptions { Endpoint = server.Endpoint, CacheFolder = Cache, Token = "", Offline = false });

    /// <summary>Asks the first question of every recorded run whose answer is certain; returns how many there were.</summary>
    private static async Task<int> CompareAsync(string style, MasOptions options, Progress? progress, Log log)
    {
        int compared = 0;
        foreach (string path in Directory.EnumerateFiles(Goldens.Folder("mas", style, "cases"), "*.json").Order(StringComparer.Ordinal))
        {
            MasCase recorded = MasCase.Open(style, Path.GetFileNameWithoutExtension(path));
            StyleDefinition definition = StyleCatalogue.Find(style);
            bool certain = recorded.Dtype == "float32" && recorded.FinalTexts(definition.Graph.Writer)[0].MinMargin >= 0.01
                && (!recorded.AskedAgain(0) || recorded.AnswerPasses.First(pass => pass.Questions.Contains(0)).Text.MinMargin >= 0.01);
            if (!certain)
                continue;
            await using MasSystem mas = await MasSystem.LoadAsync(
                style,
                options with
                {
                    Dtype = ModelDtype.Float32,
                    LinkDtype = ModelDtype.Float32,
                    Prompts = new RecordedPrompts(recorded, definition.Graph),
                    Compatibility = MasCompatibility.Reference,
                },
                progress,
                log,
                Token);
            MasAnswer answer = await mas.AskAsync(
                new MasQuestion(recorded.Questions[0]) { Kind = recorded.Kind, Id = "0" },
                new AskOptions
                {
                    Rounds = recorded.Rounds,
                    LatentSteps = recorded.Steps,
                    MaxNewTokens = recorded.MaxNewTokens,
                    Sampling = new SamplingOptions { DoSample = false },
                },
                Token);
            Assert.Equal(recorded.AskedAgain(0) ? recorded.AfterRetry[0] : recorded.BeforeRetry[0], answer.Text);
            compared++;
        }

        Assert.True(compared > 0);
        return compared;
    }

    private sealed class Progress : IProgress<MasLoadProgress>
    {
        public ConcurrentQueue<DownloadProgress> Downloads { get; } = new();

        public void Report(MasLoadProgress value)
        {
            if (value.Download is { } download)
                Downloads.Enqueue(download);
        }
    }

    private sealed class Log : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
