using Microsoft.Extensions.Logging;
using RecursiveMas.Configuration;
using RecursiveMas.HubServer;

namespace RecursiveMas.Hub.Tests;

/// <summary>A hub on loopback, an empty cache, and clients that see nothing of this machine's own settings.</summary>
internal sealed class HubFixture : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<HubClient> _clients = [];

    private HubFixture(HubServer.HubServer server) => Server = server;

    public HubServer.HubServer Server { get; }

    /// <summary>An empty folder beside the cache.</summary>
    public string Folder => _folder.Path;

    public string Cache => Path.Combine(_folder.Path, "hub");

    public InstantClock Clock { get; } = new();

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<HubFixture> StartAsync(int? sendBuffer = null) => new(await HubServer.HubServer.StartAsync(sendBuffer));

    /// <summary>A small model repository with a folder, parentheses in a name, and a large file of a few MiB.</summary>
    public ServedRepository AddModel(string id = "owner/model", long weights = 3_000_000) => Server.Add(id, Files(weights));

    public static Dictionary<string, ServedFile> Files(long weights = 3_000_000) => new(StringComparer.Ordinal)
    {
        ["config.json"] = ServedFile.Of("""{"model_type": "test"}"""),
        ["tokenizer.json"] = ServedFile.Random(20_000, 1),
        ["adapter(math).pt"] = ServedFile.Random(5_000, 2, large: true),
        ["sub/deeper/notes.txt"] = ServedFile.Of("notes"),
        ["empty.txt"] = ServedFile.Of(""),
        ["model.safetensors"] = ServedFile.Random(weights, 3),
    };

    public HubSettings Settings(HubClientOptions? options = null, params (string Name, string Value)[] variables)
    {
        var environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        environment.TryAdd("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
        options ??= new HubClientOptions();
        return HubSettings.Resolve(
            options with { Endpoint = options.Endpoint ?? Server.Endpoint, CacheFolder = options.CacheFolder ?? Cache, Clock = Clock },
            new HubEnvironment(name => environment.GetValueOrDefault(name)));
    }

    public HubClient Client(
        HubClientOptions? options = null,
        HttpMessageHandler? handler = null,
        ILoggerFactory? loggers = null,
        params (string Name, string Value)[] variables) =>
        ClientOf(Settings(options, variables), handler, loggers);

    public HubClient ClientOf(HubSettings settings, HttpMessageHandler? handler = null, ILoggerFactory? loggers = null)
    {
        var client = new HubClient(settings, null, loggers, handler);
        _clients.Add(client);
        return client;
    }

    /// <summary>Downloads everything of a repository; returns the snapshot's folder.</summary>
    public Task<string> DownloadAsync(string id = "owner/model", HubClientOptions? options = null, CancellationToken? cancellation = null) =>
        Client(options).DownloadAsync(All(id), null, cancellation ?? Token);

    public static HubDownload All(string id = "owner/model", string? revision = null) =>
        new(HubRepository.Parse(id)) { Filter = HubFileFilter.All, Revision = revision };

    public int Downloads(string? name = null) =>
        Server.Requests.Count(request => request.IsDownload && (name is null || request.Path.EndsWith(name, StringComparison.Ordinal)));

    /// <summary>Compares every file of a snapshot with what is served.</summary>
    public static void AssertSame(ServedRepository repository, string snapshot, string? commit = null)
    {
        IReadOnlyDictionary<string, ServedFile> files = repository.At(commit ?? repository.Head);
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), Directory.EnumerateFiles(snapshot, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(snapshot, path))
            .Order(StringComparer.Ordinal));
        foreach ((string path, ServedFile file) in files)
            AssertSame(file, Path.Combine(snapshot, path));
    }

    public static void AssertSame(ServedFile file, string path)
    {
        byte[] actual = File.ReadAllBytes(path);
        Assert.Equal(file.Length, actual.Length);
        int at = 0;
        foreach (ReadOnlyMemory<byte> piece in file.Pieces(0))
        {
            Assert.True(piece.Span.SequenceEqual(actual.AsSpan(at, piece.Length)), path);
            at += piece.Length;
        }
    }

    /// <summary>Nothing under its final name is anything but whole, and every lock is free.</summary>
    public void AssertSound(ServedRepository repository)
    {
        string root = Path.Combine(Cache, $"{repository.Kind}--{repository.Id.Replace("/", "--", StringComparison.Ordinal)}");
        foreach (string blob in Directory.Exists(Path.Combine(root, "blobs")) ? Directory.EnumerateFiles(Path.Combine(root, "blobs")) : [])
        {
            if (!blob.EndsWith(".resumable", StringComparison.Ordinal))
                AssertSame(repository.Files.Values.First(file => file.ContentId == Path.GetFileName(blob)), blob);
        }

        AssertLocksFree();
    }

    public void AssertLocksFree()
    {
        string locks = Path.Combine(Cache, ".locks");
        foreach (string path in Directory.Exists(locks) ? Directory.EnumerateFiles(locks, "*", SearchOption.AllDirectories) : [])
        {
            using Caches.BlobLock? free = Caches.BlobLock.TryAcquire(path);
            Assert.True(free is not null, $"{path} is locked");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
