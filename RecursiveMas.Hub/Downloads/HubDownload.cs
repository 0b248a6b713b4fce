namespace RecursiveMas;

/// <summary>What is wanted of a repository.</summary>
/// <param name="Repository">The repository.</param>
public sealed record HubDownload(HubRepository Repository)
{
    /// <summary>Branch, tag or commit. Default: "main".</summary>
    public string? Revision { get; init; }

    /// <summary>Which files. Default: all, but no weights twice in different formats.</summary>
    public HubFileFilter Filter { get; init; } = HubFileFilter.WeightsOnce;
}

/// <summary>What is wanted of a repository, at one commit, and what of it is here.</summary>
public sealed record HubPlannedRepository
{
    /// <summary>All files of the commit.</summary>
    public required HubListing Listing { get; init; }

    /// <summary>The files that are wanted.</summary>
    public required IReadOnlyList<HubFile> Files { get; init; }

    /// <summary>Those of them that the cache lacks.</summary>
    public required IReadOnlyList<HubFile> Missing { get; init; }

    /// <summary>How much of <see cref="MissingBytes"/> interrupted downloads have left here.</summary>
    public long ArrivedBytes { get; init; }

    /// <summary>Folder of the snapshot; complete only when nothing is missing.</summary>
    public required string Folder { get; init; }

    /// <summary>Size of all wanted files.</summary>
    public long Bytes => Files.Sum(file => file.Size);

    /// <summary>Size of the missing files.</summary>
    public long MissingBytes => Missing.Sum(file => file.Size);
}

/// <summary>Repositories, the files that are wanted of them, and what has to be downloaded.</summary>
/// <param name="Repositories">In the order in which they were asked for.</param>
public sealed record HubPlan(IReadOnlyList<HubPlannedRepository> Repositories)
{
    /// <summary>Size of all wanted files.</summary>
    public long Bytes => Repositories.Sum(repository => repository.Bytes);

    /// <summary>Size of the files that the cache lacks.</summary>
    public long MissingBytes => Repositories.Sum(repository => repository.MissingBytes);

    /// <summary>How much of <see cref="MissingBytes"/> interrupted downloads have left here.</summary>
    public long ArrivedBytes => Repositories.Sum(repository => repository.ArrivedBytes);

    /// <summary>Whether the cache has everything.</summary>
    public bool IsComplete => Repositories.All(repository => repository.Missing.Count == 0);
}
