namespace RecursiveMas;

/// <summary>What a cache lacks of a repository.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Files">The files that are missing or incomplete; empty if the cache does not know which files there are.</param>
/// <param name="Bytes">Their size, or the approximate size of the repository where files are not known; null if nothing is known.</param>
public sealed record HubMissing(HubRepository Repository, IReadOnlyList<string> Files, long? Bytes)
{
    /// <summary>Whether the size is a guess, although files are named: the cache does not know of all that there are.</summary>
    public bool IsApproximate { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        string size = Bytes is { } bytes ? $", {(Files.Count == 0 || IsApproximate ? "about " : "")}{ByteText.Of(bytes)}" : "";
        return Files.Count == 0 ? $"{Repository}{size}" : $"{Repository}{size}: {string.Join(", ", Files)}";
    }
}
