using System.Security.Cryptography;
using System.Text;

namespace RecursiveMas.HubServer;

/// <summary>Who may read a repository.</summary>
public enum ServedAccess
{
    Public,
    Private,
    Gated,
    Disabled,
}

/// <summary>A repository with its commits.</summary>
public sealed class ServedRepository(string id, string kind)
{
    private readonly Dictionary<string, Dictionary<string, ServedFile>> _commits = new(StringComparer.Ordinal);

    /// <summary>OWNER/NAME.</summary>
    public string Id => id;

    /// <summary>"models", "datasets" or "spaces".</summary>
    public string Kind => kind;

    public ServedAccess Access { get; set; }

    /// <summary>Tags of the repository's page.</summary>
    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>What the card says at its head, to be written as JSON; null for a card without a head.</summary>
    public object? CardData { get; set; }

    /// <summary>Branches and tags with their commits.</summary>
    public Dictionary<string, string> Revisions { get; } = new(StringComparer.Ordinal);

    /// <summary>Further entries of the list, which no file stands behind: path, as written.</summary>
    public List<string> ListedPaths { get; } = [];

    public string Head => Revisions["main"];

    public IReadOnlyDictionary<string, ServedFile> Files => _commits[Head];

    /// <summary>The files of all commits.</summary>
    public IEnumerable<ServedFile> AllFiles
    {
        get
        {
            lock (_commits)
                return [.. _commits.Values.SelectMany(files => files.Values)];
        }
    }

    /// <summary>Adds a commit with these files and moves a branch to it.</summary>
    public string Commit(IReadOnlyDictionary<string, ServedFile> files, string branch = "main")
    {
        string text = string.Join('\n', files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"{file.Key} {file.Value.ContentId}"));
        lock (_commits)
        {
            string commit = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes($"{id} {_commits.Count} {text}")));
            _commits.Add(commit, new Dictionary<string, ServedFile>(files, StringComparer.Ordinal));
            Revisions[branch] = commit;
            return commit;
        }
    }

    /// <summary>The commit of a branch, tag or commit; null if there is none.</summary>
    public string? Resolve(string revision) => Revisions.TryGetValue(revision, out string? commit) ? commit : _commits.ContainsKey(revision) ? revision : null;

    public IReadOnlyDictionary<string, ServedFile> At(string commit) => _commits[commit];
}
