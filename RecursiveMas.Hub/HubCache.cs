using RecursiveMas.Caches;
using RecursiveMas.Configuration;
using RecursiveMas.Repositories;

namespace RecursiveMas;

/// <summary>A repository in a cache.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Revisions">Branches and tags with the commits that they stood for when they were downloaded.</param>
/// <param name="Commits">Commits of which there are files.</param>
/// <param name="Bytes">What it takes on the disk, interrupted downloads included.</param>
public sealed record CachedRepository(
    HubRepository Repository,
    string Folder,
    IReadOnlyDictionary<string, string> Revisions,
    IReadOnlyList<string> Commits,
    long Bytes);

/// <summary>How a file in a cache was found.</summary>
public enum CachedFileState
{
    /// <summary>Its size and hash are those that the hub stated.</summary>
    Verified,

    /// <summary>Its size or hash is another.</summary>
    Corrupt,

    /// <summary>It is not there, or not all of it.</summary>
    Missing,

    /// <summary>It is there, but the cache does not know its hash.</summary>
    Unknown,
}

/// <summary>One file of a cache after verification.</summary>
/// <param name="Path">Its path in the repository.</param>
/// <param name="Size">Bytes that it should have.</param>
/// <param name="State">How it was found.</param>
public sealed record CachedFile(string Path, long Size, CachedFileState State);

/// <summary>The cache of the hub on this machine, in the layout that Python tools share. Nothing here opens a connection.</summary>
/// <remarks>All members are safe for concurrent calls.</remarks>
/// <param name="folder">The cache folder. It need not exist.</param>
public sealed class HubCache(string folder)
{
    /// <summary>The cache folder that the environment variables name, whether it exists or not.</summary>
    public static string DefaultFolder => HubEnvironment.Process.CacheFolder;

    /// <summary>
    /// The cache folder that variables name, whether it exists or not. A "~" and variables in the values are expanded as huggingface_hub does.
    /// </summary>
    /// <param name="variable">Value of a variable; null if it is not set.</param>
    public static string DefaultFolderOf(Func<string, string?> variable) => new HubEnvironment(variable).CacheFolder;

    /// <summary>The cache folder.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>Repositories of which there is something.</summary>
    /// <exception cref="HubDiskException">The cache cannot be read.</exception>
    public IReadOnlyList<CachedRepository> List() => Guarded<IReadOnlyList<CachedRepository>>("read", () => !Directory.Exists(Folder) ? [] :
    [
        .. Directory.EnumerateDirectories(Folder)
            .Select(path => HubRepository.FromCacheFolder(Path.GetFileName(path)))
            .OfType<HubRepository>()
            .OrderBy(repository => repository.PagePath, StringComparer.Ordinal)
            .Select(Describe),
    ]);

    /// <summary>What there is of a repository; null if nothing is.</summary>
    /// <param name="repository">The repository.</param>
    /// <exception cref="HubDiskException">The cache cannot be read.</exception>
    public CachedRepository? Find(HubRepository repository) => Guarded("read", () => Directory.Exists(Layout(repository).Root) ? Describe(repository) : null);

    /// <summary>
    /// The files of a revision as the cache knows them: from the list that a download has kept, else those that are there. Null if it knows nothing of it.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="revision">Branch, tag or commit. Default: "main".</param>
    /// <exception cref="HubDiskException">The cache cannot be read.</exception>
    public HubListing? FindListing(HubRepository repository, string? revision = null) =>
        Guarded("read", () => SnapshotScan.Find(Layout(repository), HubRevision.Check(revision)));

    /// <summary>Folder of a commit's files, whether it is there and complete or not.</summary>
    /// <param name="listing">The repository at a commit.</param>
    public string FolderOf(HubListing listing) => Layout(Given(listing).Repository).Snapshot(listing.Commit);

    /// <summary>Whether a file is there with all its bytes.</summary>
    /// <param name="listing">The repository at a commit.</param>
    /// <param name="file">A file of it.</param>
    public bool Contains(HubListing listing, HubFile file) =>
        SnapshotEntries.IsComplete(Layout(Given(listing).Repository), listing.Commit, file ?? throw new ArgumentNullException(nameof(file)));

    /// <summary>
    /// The files of a commit that should be there: all that downloads have asked for or begun, interrupted ones included, and all that are there. What other
    /// tools were asked for is not known, but what they have begun is.
    /// </summary>
    /// <param name="listing">The repository at a commit.</param>
    /// <exception cref="HubDiskException">The cache cannot be read.</exception>
    public IReadOnlyList<HubFile> Wanted(HubListing listing) =>
        Guarded("read", () => WantedFiles.Of(Layout(Given(listing).Repository), listing));

    /// <summary>Reads files again and compares their hashes.</summary>
    /// <param name="listing">The repository at a commit.</param>
    /// <param name="files">Which files; null for those that should be there, see <see cref="Wanted"/>.</param>
    /// <param name="progress">Told of bytes as they are read.</param>
    /// <param name="cancellationToken">Ends the verification.</param>
    /// <exception cref="HubDiskException">A file cannot be read.</exception>
    public IReadOnlyList<CachedFile> Verify(
        HubListing listing,
        IReadOnlyList<HubFile>? files = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        CacheLayout layout = Layout(Given(listing).Repository);
        files ??= Wanted(listing);
        long read = 0;
        return Guarded<IReadOnlyList<CachedFile>>(
            "read",
            () => [.. files.Select(file => new CachedFile(
                file.Path,
                file.Size,
                State(layout, listing.Commit, file, count => progress?.Report(read += count), cancellationToken)))]);
    }

    /// <summary>Removes files, so that the next download brings them again.</summary>
    /// <param name="listing">The repository at a commit.</param>
    /// <param name="files">The files.</param>
    /// <exception cref="HubDiskException">A file cannot be removed.</exception>
    public void Discard(HubListing listing, IEnumerable<HubFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        CacheLayout layout = Layout(Given(listing).Repository);
        Guarded("removed", () =>
        {
            foreach (HubFile file in files)
            {
                File.Delete(layout.Entry(listing.Commit, file.Path));
                if (file.BlobName.Length > 0)
                    File.Delete(layout.Blob(file));
            }

            return true;
        });
    }

    /// <summary>Removes a repository with all its revisions and interrupted downloads.</summary>
    /// <param name="repository">The repository.</param>
    /// <returns>Bytes that it took; null if it was not there.</returns>
    /// <exception cref="HubDiskException">It cannot be removed.</exception>
    public long? Remove(HubRepository repository)
    {
        CacheLayout layout = Layout(repository);
        return Guarded<long?>("removed", () =>
        {
            if (!Directory.Exists(layout.Root))
                return null;
            long bytes = SizeOf(layout.Root);
            Directory.Delete(layout.Root, recursive: true);
            if (Directory.Exists(layout.Locks))
                Directory.Delete(layout.Locks, recursive: true);
            return bytes;
        });
    }

    /// <summary>Opens a file that is there; null if it is not.</summary>
    internal FileStream? TryOpen(HubListing listing, HubFile file)
    {
        CacheLayout layout = Layout(listing.Repository);
        return SnapshotEntries.IsComplete(layout, listing.Commit, file) ? File.OpenRead(layout.Entry(listing.Commit, file.Path)) : null;
    }

    private static CachedFileState State(CacheLayout layout, string commit, HubFile file, Action<int> read, CancellationToken cancellationToken)
    {
        string entry = layout.Entry(commit, file.Path);
        if (SnapshotEntries.LengthOf(entry) is not { } length)
            return CachedFileState.Missing;
        if (length != file.Size)
            return length < file.Size ? CachedFileState.Missing : CachedFileState.Corrupt;
        if (file.BlobName.Length == 0)
            return CachedFileState.Unknown;
        return ContentHash.Matches(entry, file, read, cancellationToken) ? CachedFileState.Verified : CachedFileState.Corrupt;
    }

    private CachedRepository Describe(HubRepository repository)
    {
        CacheLayout layout = Layout(repository);
        return new CachedRepository(
            repository,
            layout.Root,
            CacheReferences.All(layout).ToDictionary(reference => reference.Revision, reference => reference.Commit, StringComparer.Ordinal),
            [.. SnapshotScan.Commits(layout)],
            SizeOf(layout.Root));
    }

    private static long SizeOf(string folder) =>
        new DirectoryInfo(folder)
            .EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Sum(file => file.Length);

    private static HubListing Given(HubListing listing) => listing ?? throw new ArgumentNullException(nameof(listing));

    private T Guarded<T>(string what, Func<T> action)
    {
        if (File.Exists(Folder))
            throw new HubDiskException(Folder, "this is a file; the cache is a folder.");
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HubDiskException(Folder, $"files cannot be {what}: {error.Message} Check permissions, and that no program uses them.", error);
        }
    }

    private CacheLayout Layout(HubRepository repository) => new(Folder, repository ?? throw new ArgumentNullException(nameof(repository)));
}
