using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RecursiveMas.HubServer;

/// <summary>A hub on loopback: speaks the protocol of the Hugging Face hub, large files lie on a second host, and it misbehaves on demand.</summary>
public sealed class HubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<(Func<ServedRequest, bool> When, Fault Fault, int Left)> _faults = [];
    private readonly Lock _gate = new();
    private readonly int _storagePort;
    private long _fileBytes;

    private HubServer(WebApplication app, int port, int storagePort)
    {
        _app = app;
        _storagePort = storagePort;
        Endpoint = new Uri($"http://127.0.0.1:{port}");
        Storage = new Uri($"http://localhost:{storagePort}");
    }

    public Uri Endpoint { get; }

    /// <summary>Where large files lie, by signed addresses.</summary>
    public Uri Storage { get; }

    /// <summary>The token that private and gated repositories want.</summary>
    public string Token { get; set; } = "hf_test";

    /// <summary>Entries of one page of a list.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Most bytes a second of each file.</summary>
    public int? BytesPerSecond { get; set; }

    /// <summary>Told of the sum of all bytes of files that were sent, after each piece.</summary>
    public Action<long>? BytesSent { get; set; }

    public ConcurrentQueue<ServedRequest> Requests { get; } = new();

    /// <summary>Bytes of files that were sent.</summary>
    public long FileBytes => Interlocked.Read(ref _fileBytes);

    internal List<ServedRepository> Repositories { get; } = [];

    /// <summary>Old names of repositories.</summary>
    public Dictionary<string, string> Renamed { get; } = new(StringComparer.Ordinal);

    internal ConcurrentDictionary<string, bool> Signatures { get; } = new();

    /// <param name="sendBuffer">Bytes that a connection may hold on their way; the system decides without it.</param>
    public static async Task<HubServer> StartAsync(int? sendBuffer = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MinResponseDataRate = null;
        });
        if (sendBuffer is { } size)
            builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endpoint => Listen((IPEndPoint)endpoint, size));
        WebApplication app = builder.Build();
        HubServer? server = null;
        app.Run(context => server!.HandleAsync(context));
        await app.StartAsync();
        int[] ports =
        [
            .. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port),
        ];
        return server = new HubServer(app, ports[0], ports[1]);
    }

    public ServedRepository Add(string id, IReadOnlyDictionary<string, ServedFile> files, string kind = "models")
    {
        var repository = new ServedRepository(id, kind);
        repository.Commit(files);
        Repositories.Add(repository);
        return repository;
    }

    /// <summary>Serves every folder in a folder as a repository of an owner.</summary>
    public void AddFolders(string owner, string folder)
    {
        foreach (string repository in Directory.EnumerateDirectories(folder).Where(path => Path.GetFileName(path) != "cases"))
        {
            Add($"{owner}/{Path.GetFileName(repository)}", Directory.EnumerateFiles(repository).ToDictionary(
                file => Path.GetFileName(file),
                file => ServedFile.Of(File.ReadAllBytes(file), large: Path.GetExtension(file) is ".safetensors" or ".pt")));
        }
    }

    /// <summary>Makes all addresses that were handed out useless.</summary>
    public void ExpireSignatures() => Signatures.Clear();

    public ServedRepository Repository(string id) => Repositories.First(repository => repository.Id == id);

    /// <summary>Lets the next answers to some requests misbehave.</summary>
    public void Misbehave(Func<ServedRequest, bool> when, Fault fault, int times = int.MaxValue)
    {
        lock (_gate)
            _faults.Add((when, fault, times));
    }

    public void Behave()
    {
        lock (_gate)
            _faults.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    internal void Sent(int bytes)
    {
        long sum = Interlocked.Add(ref _fileBytes, bytes);
        BytesSent?.Invoke(sum);
    }

    private static Socket Listen(IPEndPoint endpoint, int sendBuffer)
    {
        // Accepted connections take over what the listening one has.
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = sendBuffer };
        socket.Bind(endpoint);
        return socket;
    }

    private async Task HandleAsync(HttpContext context)
    {
        HttpRequest http = context.Request;
        var request = new ServedRequest(
            http.Host.Port == _storagePort, http.Method, http.Path.Value!, context.Features.Get<IHttpRequestFeature>()!.RawTarget,
            http.Headers.Range.FirstOrDefault(), http.Headers.Authorization.FirstOrDefault(), DateTime.UtcNow);
        Requests.Enqueue(request);
        Fault? fault = TakeFault(request);
        fault?.Used?.Invoke(request);
        var exchange = new Exchange(this, context, request, fault);
        if (fault is { Delay.Ticks: > 0 })
            await Task.Delay(fault.Delay, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        try
        {
            await exchange.AnswerAsync();
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The client went away.
        }
    }

    private Fault? TakeFault(ServedRequest request)
    {
        lock (_gate)
        {
            for (int i = 0; i < _faults.Count; i++)
            {
                (Func<ServedRequest, bool> when, Fault fault, int left) = _faults[i];
                if (left <= 0 || !when(request))
                    continue;
                _faults[i] = (when, fault, left - 1);
                return fault;
            }

            return null;
        }
    }
}
