namespace RecursiveMas.Caches;

/// <summary>Where things are in the cache that the Hugging Face tools share.</summary>
/// <param name="cache">The cache folder.</param>
/// <param name="repository">The repository.</param>
internal sealed class CacheLayout(string cache, HubRepository repository)
{
    public const string WantedSuffix = ".wanted";

    public string Cache => cache;

    public HubRepository Repository => repository;

    /// <summary>models--OWNER--NAME.</summary>
    public string Root { get; } = Path.Combine(cache, repository.CacheFolder);

    public string Blobs => Path.Combine(Root, "blobs");

    public string Snapshots => Path.Combine(Root, "snapshots");

    public string References => Path.Combine(Root, "refs");

    public string Trees => Path.Combine(Root, "trees");

    public string Locks => Path.Combine(cache, ".locks", repository.CacheFolder);

    public string Snapshot(string commit) => Path.Combine(Snapshots, commit);

    public string Blob(HubFile file) => Path.Combine(Blobs, file.BlobName);

    /// <summary>Bytes of a blob that have arrived so far. The name tells content and size, so that nothing else can be appended to it.</summary>
    public string Partial(HubFile file) => Path.Combine(Blobs, $"{file.BlobName}.{file.Size}.resumable");

    public string Lock(HubFile file) => Path.Combine(Locks, file.BlobName + ".lock");

    public string Entry(string commit, string path) => Path.Combine(Snapshot(commit), Native(path));

    public string Reference(string revision) => Path.Combine(References, Native(revision));

    public string Tree(string commit) => Path.Combine(Trees, commit + ".json");

    public string Wanted(string commit) => Path.Combine(Trees, commit + WantedSuffix);

    private static string Native(string path) => Path.DirectorySeparatorChar == '/' ? path : path.Replace('/', Path.DirectorySeparatorChar);
}
