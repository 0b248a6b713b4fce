using RecursiveMas.Shared;

namespace RecursiveMas.Loading;

/// <summary>Finds repositories in a folder: as plain sub-folders, as snapshots of a hub cache, or embedded.</summary>
internal abstract class SystemFolder
{
    /// <summary>The folder, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>Opens a repository; null if it is not there.</summary>
    /// <param name="repository">Name without the owner.</param>
    public abstract CheckpointFolder? Find(string repository);

    /// <summary>Names of the repositories that are there, in ordinal order.</summary>
    public abstract IReadOnlyList<string> Repositories { get; }

    /// <summary>Opens a repository.</summary>
    /// <exception cref="CheckpointException">It is not there; what is there is listed.</exception>
    public CheckpointFolder Require(string repository) => Find(repository)
        ?? throw new CheckpointException(
            Name,
            $"the repository '{repository}' is missing. Found: {(Repositories.Count == 0 ? "none" : ShownText.List(Repositories))}.");

    public static SystemFolder FromDirectory(string path)
    {
        string full = UserPath.Full(path);
        return Directory.Exists(full) ? new DirectorySystem(full) : throw new CheckpointException(
            full,
            File.Exists(full) ? "is a file, not a folder. Name the folder that holds the repositories." : "there is no such folder. Check the path.");
    }

    /// <summary>A hub cache; one that is not there holds nothing.</summary>
    public static SystemFolder OfCache(string path) => new DirectorySystem(path);

    public static SystemFolder Embedded(string system) => new EmbeddedSystem(system);

    /// <summary>
    /// The cache of the Hugging Face hub on this machine, whether it exists or not. A "~" and variables in the values are expanded as huggingface_hub
    /// does: no shell has seen those of environment files and containers.
    /// </summary>
    /// <param name="environment">Value of a variable; null for the process's own.</param>
    public static string LocalHubCache(Func<string, string?>? environment = null) =>
        HubCache.DefaultFolderOf(environment ?? Environment.GetEnvironmentVariable);

    private sealed class EmbeddedSystem(string system) : SystemFolder
    {
        public override string Name => $"embedded:{system}";

        public override IReadOnlyList<string> Repositories =>
            [.. TinySystemFiles.Assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith($"{system}/", StringComparison.Ordinal))
                .Select(name => name.Split('/')[1]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

        public override CheckpointFolder? Find(string repository) =>
            Repositories.Contains(repository) ? CheckpointFolder.FromResources(TinySystemFiles.Assembly, $"{system}/{repository}") : null;
    }

    private sealed class DirectorySystem(string path) : SystemFolder
    {
        private const string CachePrefix = "models--";

        public override string Name => path;

        public override IReadOnlyList<string> Repositories =>
            [.. Folders("*")
                .Select(folder => Path.GetFileName(folder))
                .Where(name => !name.StartsWith('.'))
                .Select(name => IsCached(name) ? name[(name.LastIndexOf("--", StringComparison.Ordinal) + 2)..] : name)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

        public override CheckpointFolder? Find(string repository)
        {
            string plain = Path.Combine(path, repository);
            if (Directory.Exists(plain))
                return CheckpointFolder.FromDirectory(plain);
            string[] cached = Folders($"{CachePrefix}*--{repository}");
            return cached.Length switch
            {
                0 => null,
                1 => CheckpointFolder.FromDirectory(HubSnapshot.Find(cached[0])),
                _ => throw new CheckpointException(
                    path,
                    $"holds the repository '{repository}' of several owners: {string.Join(", ", cached.Select(f => Path.GetFileName(f)))}. Keep one."),
            };
        }

        private string[] Folders(string pattern) => !Directory.Exists(path) ? [] : FileFaults.Read(path, () => Directory.GetDirectories(path, pattern));

        private static bool IsCached(string name) => name.StartsWith(CachePrefix, StringComparison.Ordinal);
    }
}
