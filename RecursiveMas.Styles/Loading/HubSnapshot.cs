using RecursiveMas.Shared;

namespace RecursiveMas.Loading;

/// <summary>Finds the snapshot of a repository in a hub cache: the one that <c>refs/main</c> names, else the only one.</summary>
internal static class HubSnapshot
{
    private const string Main = "main";

    /// <param name="repository">Folder <c>models--OWNER--NAME</c> of a cache.</param>
    /// <exception cref="CheckpointException">There is no snapshot, or several and no reference that chooses.</exception>
    public static string Find(string repository)
    {
        string snapshots = Path.Combine(repository, "snapshots");
        if (CheckpointFolder.FromDirectory(repository).FindFolder("refs") is { } refs && refs.Contains(Main))
        {
            string commit = ReadCommit(refs);
            string snapshot = Path.Combine(snapshots, commit);
            return Directory.Exists(snapshot)
                ? snapshot
                : throw new CheckpointException(repository, $"refs/main names the commit {commit}, whose snapshot is missing. Download the repository again.");
        }

        string[] all = Directory.Exists(snapshots) ? FileFaults.Read(snapshots, () => Directory.GetDirectories(snapshots)) : [];
        return all.Length == 1
            ? all[0]
            : throw new CheckpointException(repository, all.Length == 0
                ? "holds no snapshot. Download the repository again."
                : $"holds {all.Length} snapshots and no refs/main that chooses one. Download the repository again.");
    }

    private static string ReadCommit(CheckpointFolder refs)
    {
        const int Digits = 40, Longest = 64;
        string text = System.Text.Encoding.ASCII.GetString(refs.ReadAllBytes(Main, Longest)).Trim();
        return text.Length == Digits && text.All(char.IsAsciiHexDigitLower)
            ? text
            : throw new CheckpointException(refs.Describe(Main), "does not hold a commit of 40 hexadecimal digits. Download the repository again.");
    }
}
