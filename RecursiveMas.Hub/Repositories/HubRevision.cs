namespace RecursiveMas.Repositories;

/// <summary>Branches, tags and commits.</summary>
internal static class HubRevision
{
    public const string Main = "main";

    private const int CommitDigits = 40;

    /// <summary>Whether a revision is a commit, which never moves.</summary>
    public static bool IsCommit(string revision) => revision.Length == CommitDigits && revision.All(char.IsAsciiHexDigitLower);

    /// <summary>Checks a revision that a user named.</summary>
    /// <exception cref="InvalidOptionException">It cannot be one; it would not be safe as a file name either.</exception>
    public static string Check(string? revision)
    {
        revision ??= Main;
        return RepositoryPath.Fault(revision) is { } fault
            ? throw new InvalidOptionException("revision", $"'{revision}' is not a branch, tag or commit: it {fault}.")
            : revision;
    }
}
