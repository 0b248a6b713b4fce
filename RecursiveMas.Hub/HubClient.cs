using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RecursiveMas.Configuration;
using RecursiveMas.Downloads;
using RecursiveMas.Errors;
using RecursiveMas.Protocol;
using RecursiveMas.Repositories;

namespace RecursiveMas;

/// <summary>
/// Downloads repositories of the Hugging Face hub into the cache that Python tools share: once, verified by hash, from where an interrupted
/// download ended, and without the network where everything is there.
/// </summary>
/// <remarks>All members are safe for concurrent calls, also from several processes on one cache. The token is sent to the hub only.</remarks>
public sealed class HubClient : IDisposable
{
    /// <summary>Name under which an <see cref="IHttpClientFactory"/> is asked for clients.</summary>
    public const string HttpClientName = "RecursiveMas.Hub";

    private const int LargestRead = 256 << 20;

    private readonly HubHttp _http;
    private readonly RepositoryLister _lister;
    private readonly PlanMaker _plans;
    private readonly PlanRunner _runner;
    private readonly HttpClient? _own;

    /// <summary>Creates a client with connections of its own.</summary>
    /// <param name="options">How it works. Default: as the environment variables say.</param>
    /// <param name="loggerFactory">Receives downloads at Information and retries at Warning.</param>
    /// <exception cref="InvalidOptionException">An option or an environment variable has an impossible value.</exception>
    public HubClient(HubClientOptions? options = null, ILoggerFactory? loggerFactory = null)
        : this(HubSettings.Resolve(options ?? new HubClientOptions(), HubEnvironment.Process), null, loggerFactory)
    {
    }

    /// <summary>Creates a client over a handler, for example of a test or a company's network.</summary>
    /// <param name="handler">Sends requests; stays the caller's. It must not follow redirects by itself.</param>
    /// <param name="options">How the client works. Default: as the environment variables say.</param>
    /// <param name="loggerFactory">Receives downloads at Information and retries at Warning.</param>
    /// <exception cref="InvalidOptionException">An option or an environment variable has an impossible value.</exception>
    public HubClient(HttpMessageHandler handler, HubClientOptions? options = null, ILoggerFactory? loggerFactory = null)
        : this(HubSettings.Resolve(options ?? new HubClientOptions(), HubEnvironment.Process), null, loggerFactory, handler)
    {
    }

    /// <summary>Creates a client over an HTTP client.</summary>
    /// <param name="client">
    /// Sends requests; stays the caller's. It must not follow redirects by itself; its time limit counts beside those of the options.
    /// </param>
    /// <param name="options">How the client works. Default: as the environment variables say.</param>
    /// <param name="loggerFactory">Receives downloads at Information and retries at Warning.</param>
    /// <exception cref="InvalidOptionException">An option or an environment variable has an impossible value.</exception>
    public HubClient(HttpClient client, HubClientOptions? options = null, ILoggerFactory? loggerFactory = null)
        : this(HubSettings.Resolve(options ?? new HubClientOptions(), HubEnvironment.Process), () => client, loggerFactory)
    {
    }

    /// <summary>Creates a client over a factory of HTTP clients, which is asked for <see cref="HttpClientName"/> before each request.</summary>
    /// <param name="factory">The factory; see <c>AddRecursiveMasHub</c>.</param>
    /// <param name="options">How the client works. Default: as the environment variables say.</param>
    /// <param name="loggerFactory">Receives downloads at Information and retries at Warning.</param>
    /// <exception cref="InvalidOptionException">An option or an environment variable has an impossible value.</exception>
    public HubClient(IHttpClientFactory factory, HubClientOptions? options = null, ILoggerFactory? loggerFactory = null)
        : this(HubSettings.Resolve(options ?? new HubClientOptions(), HubEnvironment.Process), () => factory.CreateClient(HttpClientName), loggerFactory)
    {
    }

    internal HubClient(HubSettings settings, Func<HttpClient>? client = null, ILoggerFactory? loggerFactory = null, HttpMessageHandler? handler = null)
    {
        if (client is null)
        {
            _own = new HttpClient(handler ?? CreateHandler(), disposeHandler: handler is null) { Timeout = Timeout.InfiniteTimeSpan };
            client = () => _own;
        }

        ILogger logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<HubClient>();
        _http = new HubHttp(settings, new HubAddresses(settings.Endpoint), client, logger);
        _lister = new RepositoryLister(_http);
        _plans = new PlanMaker(_http, _lister, logger);
        _runner = new PlanRunner(_http, logger);
        Cache = new HubCache(settings.CacheFolder);
    }

    /// <summary>Address of the hub.</summary>
    public Uri Endpoint => _http.Settings.Endpoint;

    /// <summary>Whether the client never opens a connection.</summary>
    public bool IsOffline => _http.Settings.OfflineBecause is not null;

    /// <summary>Whether progress bars are wanted: HF_HUB_DISABLE_PROGRESS_BARS is not set.</summary>
    public static bool ShowsProgressBars => !HubEnvironment.Process.DisableProgressBars;

    /// <summary>What is on this machine.</summary>
    public HubCache Cache { get; }

    /// <summary>A handler as the client needs it: it does not follow redirects by itself, and honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>Lists the files of a repository. Offline, those that the cache knows.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="revision">Branch, tag or commit. Default: "main".</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="HubException">The hub refuses or cannot be reached, and the cache knows nothing of the repository.</exception>
    public async Task<HubListing> ListAsync(HubRepository repository, string? revision = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repository);
        (HubListing? listing, HubConnectionException? unreachable) =
            await _plans.ListAsync(repository, HubRevision.Check(revision), IsOffline, cancellationToken).ConfigureAwait(false);
        return listing ?? throw Offline([new HubMissing(repository, [], null)], [new HubDownload(repository) { Revision = revision }], unreachable);
    }

    /// <summary>Finds out which files are wanted, and which of them have to be downloaded. Nothing is written.</summary>
    /// <param name="downloads">What is wanted.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="HubOfflineException">The network must not be used or cannot be reached, and the cache lacks something; all of it is listed.</exception>
    /// <exception cref="HubException">The hub refuses.</exception>
    public Task<HubPlan> PlanAsync(IReadOnlyCollection<HubDownload> downloads, CancellationToken cancellationToken = default) =>
        PlanAsync(downloads, IsOffline, cancellationToken);

    /// <summary>
    /// As <see cref="PlanAsync(IReadOnlyCollection{HubDownload}, CancellationToken)"/>, but from the cache alone: no connection is opened, whatever
    /// the options are.
    /// </summary>
    /// <param name="downloads">What is wanted.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="HubOfflineException">The cache lacks something; all of it is listed.</exception>
    public Task<HubPlan> PlanFromCacheAsync(IReadOnlyCollection<HubDownload> downloads, CancellationToken cancellationToken = default) =>
        PlanAsync(downloads, fromCache: true, cancellationToken);

    /// <summary>Downloads what a plan lacks, and makes its revisions point to the snapshots.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Told about ten times a second for each file, and when a file is complete.</param>
    /// <param name="cancellationToken">Ends the download at any point; what has arrived is kept, and the next download goes on from there.</param>
    /// <exception cref="HubException">
    /// The hub refuses or cannot be reached, the disk is full, or what arrives is not what the hub states; what has arrived and fits is kept.
    /// </exception>
    public Task DownloadAsync(HubPlan plan, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return _runner.RunAsync(plan, progress, cancellationToken);
    }

    /// <summary>Downloads a repository.</summary>
    /// <param name="download">What is wanted.</param>
    /// <param name="progress">Told about ten times a second for each file, and when a file is complete.</param>
    /// <param name="cancellationToken">Ends the download at any point; what has arrived is kept, and the next download goes on from there.</param>
    /// <returns>Folder of the snapshot.</returns>
    /// <exception cref="HubOfflineException">The network must not be used or cannot be reached, and the cache lacks something; all of it is listed.</exception>
    /// <exception cref="HubException">
    /// The hub refuses or cannot be reached, the disk is full, or what arrives is not what the hub states; what has arrived and fits is kept.
    /// </exception>
    public async Task<string> DownloadAsync(HubDownload download, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(download);
        HubPlan plan = await PlanAsync([download], cancellationToken).ConfigureAwait(false);
        await DownloadAsync(plan, progress, cancellationToken).ConfigureAwait(false);
        return plan.Repositories[0].Folder;
    }

    /// <summary>Reads the first bytes of a file without storing them: from the cache if it is there, else by a range request. They are not verified.</summary>
    /// <param name="listing">The repository at a commit.</param>
    /// <param name="file">A file of it.</param>
    /// <param name="count">Maximum number of bytes to read.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="HubException">The hub refuses or cannot be reached.</exception>
    public async Task<byte[]> ReadStartAsync(HubListing listing, HubFile file, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(listing);
        ArgumentNullException.ThrowIfNull(file);
        count = (int)Math.Min(count, file.Size);
        if (Cache.TryOpen(listing, file) is { } stream)
        {
            await using (stream.ConfigureAwait(false))
            {
                byte[] bytes = new byte[count];
                await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
                return bytes;
            }
        }

        return count == 0 ? [] : await RangeRead.StartAsync(_http, listing, file, count, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a whole small file without storing it: from the cache if it is there, else from the hub. It is verified by its hash.</summary>
    /// <param name="listing">The repository at a commit.</param>
    /// <param name="file">A file of it.</param>
    /// <param name="maximumBytes">Larger files are refused.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="HubException">The file is too large, not what the hub states, or the hub refuses or cannot be reached.</exception>
    public async Task<byte[]> ReadFileAsync(HubListing listing, HubFile file, int maximumBytes = 1 << 20, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(listing);
        ArgumentNullException.ThrowIfNull(file);
        if (file.Size > Math.Min(maximumBytes, LargestRead))
            throw new HubProtocolException(
                $"{listing.Repository}/{file.Path}",
                $"has {file.Size:N0} bytes, more than the {maximumBytes:N0} that such a file may have.");
        byte[] bytes = await ReadStartAsync(listing, file, (int)file.Size, cancellationToken).ConfigureAwait(false);
        // Files of a cache without a list of its commit have no hash to be compared with.
        return file.BlobName.Length == 0 || Caches.ContentHash.Matches(bytes, file)
            ? bytes
            : throw new HubIntegrityException(
                $"{listing.Repository}/{file.Path}",
                $"its content does not have the hash {file.BlobName} that the hub states. Verify the cache, or try again.");
    }

    /// <summary>Closes connections that the client made itself.</summary>
    public void Dispose() => _own?.Dispose();

    private async Task<HubPlan> PlanAsync(IReadOnlyCollection<HubDownload> downloads, bool fromCache, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(downloads);
        var missing = new List<HubMissing>();
        var refusals = new List<HubException>();
        var repositories = new List<HubPlannedRepository>();
        HubConnectionException? unreachable = null;
        foreach (HubDownload download in downloads)
        {
            try
            {
                // Where one repository could not be asked for, the next would only take as long to fail.
                (HubListing? listing, HubConnectionException? fault) =
                    await _plans.ListAsync(
                        download.Repository,
                        HubRevision.Check(download.Revision),
                        fromCache || unreachable is not null,
                        cancellationToken).ConfigureAwait(false);
                unreachable ??= fault;
                HubPlannedRepository? planned = listing is null ? null
                    : await ChooseAsync(listing, download.Filter, fromCache || unreachable is not null, missing, cancellationToken).ConfigureAwait(false);
                if (planned is not null)
                    repositories.Add(planned);
                else if (listing is null)
                    missing.Add(new HubMissing(download.Repository, [], ReleasedSystems.ApproximateBytes(download.Repository)));
            }
            catch (HubException refusal) when (refusal is HubAccessException or HubNotFoundException or HubLackingFilesException)
            {
                // What stands in the way of the others is said in the same breath.
                refusals.Add(refusal);
            }
        }

        if (refusals.Count > 0)
            throw Refusals.Together(refusals);
        return missing.Count == 0 ? new HubPlan(repositories) : throw Offline(missing, downloads, unreachable);
    }

    /// <summary>
    /// What is wanted of a listing; null, and an entry in <paramref name="missing"/>, if something of it is not here and cannot be downloaded.
    /// </summary>
    private async Task<HubPlannedRepository?> ChooseAsync(
        HubListing listing,
        HubFileFilter filter,
        bool fromCache,
        List<HubMissing> missing,
        CancellationToken cancellationToken)
    {
        if (!fromCache)
            return await _plans.PlanAsync(listing, filter, file => ReadFileAsync(listing, file, cancellationToken: cancellationToken)).ConfigureAwait(false);
        try
        {
            HubPlannedRepository planned =
                await _plans.PlanAsync(listing, filter, file => ReadCachedAsync(listing, file, cancellationToken)).ConfigureAwait(false);
            if (planned.Missing.Count == 0)
                return planned;
            missing.Add(new HubMissing(listing.Repository, [.. planned.Missing.Select(file => file.Path)], planned.MissingBytes));
        }
        catch (HubException error) when (listing.IsScan)
        {
            // Nobody kept the list of files. What is known to be needed and not here can be named, its size only guessed.
            long? bytes = ReleasedSystems.ApproximateBytes(listing.Repository) is { } all ? Math.Max(0, all - listing.Files.Sum(file => file.Size)) : null;
            missing.Add(new HubMissing(listing.Repository, error is HubLackingFilesException lacking ? lacking.Files : [], bytes) { IsApproximate = true });
        }
        catch (HubConnectionException)
        {
            // What is needed cannot even be told: the file that says so is not here.
            IReadOnlyList<HubFile> absent = _plans.Missing(listing, listing.Files);
            missing.Add(new HubMissing(listing.Repository, [.. absent.Select(file => file.Path)], absent.Sum(file => file.Size)));
        }

        return null;
    }

    private Task<byte[]> ReadCachedAsync(HubListing listing, HubFile file, CancellationToken cancellationToken) => Cache.Contains(listing, file)
        ? ReadFileAsync(listing, file, cancellationToken: cancellationToken)
        : throw new HubConnectionException($"{listing.Repository}/{file.Path}", "is not in the cache.");

    private HubOfflineException Offline(IReadOnlyList<HubMissing> missing, IReadOnlyCollection<HubDownload> downloads, HubConnectionException? unreachable) =>
        new(
        Cache.Folder,
        missing,
        _http.Settings.OfflineBecause ?? (unreachable is null ? "only the cache was searched" : $"the hub cannot be reached ({unreachable.Message})"),
        $"Fetch them with: recursivemas download {Command([.. missing.Select(entry => entry.Repository)], downloads)}",
        unreachable);

    private static string Command(HubRepository[] repositories, IReadOnlyCollection<HubDownload> downloads)
    {
        string[] revisions =
        [
            .. downloads.Where(download => repositories.Contains(download.Repository)).Select(download => download.Revision ?? HubRevision.Main).Distinct(),
        ];
        return revisions is [not HubRevision.Main and var revision]
            ? $"{string.Join(' ', repositories.AsEnumerable())} --revision {revision}"
            : ReleasedSystems.CommandFor(repositories);
    }
}
