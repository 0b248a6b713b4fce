namespace RecursiveMas;

/// <summary>A file of a repository at one commit.</summary>
/// <param name="Path">Relative path with slashes; safe on every system.</param>
/// <param name="Size">Bytes.</param>
/// <param name="GitId">Id of the git object, 40 hexadecimal digits: for small files the SHA-1 of the content behind git's header.</param>
/// <param name="Sha256">SHA-256 of the content, 64 hexadecimal digits; null for small files, which <paramref name="GitId"/> verifies.</param>
public sealed record HubFile(string Path, long Size, string GitId, string? Sha256)
{
    /// <summary>More than any file of the hub has, and little enough for sums of them: 4 TiB.</summary>
    internal const long LargestSize = 1L << 42;

    /// <summary>What identifies the content: the name of its blob in a cache.</summary>
    internal string BlobName => Sha256 ?? GitId;
}

/// <summary>All files of a repository at one commit.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Revision">What was asked for: a branch, a tag or a commit.</param>
/// <param name="Commit">What it stands for: 40 hexadecimal digits.</param>
/// <param name="Files">The files, in ordinal order of their paths.</param>
public sealed record HubListing(HubRepository Repository, string Revision, string Commit, IReadOnlyList<HubFile> Files)
{
    /// <summary>The licence that the repository's card names, as the hub writes it ("apache-2.0"); null if it names none or the hub was not asked.</summary>
    public string? Licence { get; init; }

    /// <summary>Whether this is what a snapshot happened to hold, because no list of the commit was kept: the hub may have more.</summary>
    internal bool IsScan { get; init; }

    /// <summary>Finds a file.</summary>
    /// <param name="path">Relative path.</param>
    public HubFile? Find(string path) => Files.FirstOrDefault(file => file.Path == path);
}
