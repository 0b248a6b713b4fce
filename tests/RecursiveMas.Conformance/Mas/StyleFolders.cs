using RecursiveMas.Testing;

namespace RecursiveMas.Conformance.Mas;

/// <summary>Copies of a golden system: to damage, or in the layout of a hub cache.</summary>
internal sealed class StyleFolders : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly List<string> _folders = [];

    /// <summary>A folder with the repositories of a system.</summary>
    public string Plain(string style)
    {
        string target = Create();
        foreach (string repository in Repositories(style))
            Copy(repository, Path.Combine(target, Path.GetFileName(repository)));
        return target;
    }

    /// <summary>A hub cache with the repositories of a system, files as links to blobs where the file system has links.</summary>
    public string HubCache(string style)
    {
        string target = Create();
        foreach (string repository in Repositories(style))
        {
            string root = Path.Combine(target, $"models--RecursiveMAS--{Path.GetFileName(repository)}"),
                snapshot = Path.Combine(root, "snapshots", Commit),
                blobs = Path.Combine(root, "blobs");
            Copy(repository, OperatingSystem.IsWindows() ? snapshot : blobs);
            Directory.CreateDirectory(snapshot);
            Directory.CreateDirectory(Path.Combine(root, "refs"));
            File.WriteAllText(Path.Combine(root, "refs", "main"), Commit);
            foreach (string file in OperatingSystem.IsWindows() ? [] : Directory.EnumerateFiles(repository))
                File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), $"../../blobs/{Path.GetFileName(file)}");
        }

        return target;
    }

    public void Dispose() => _folders.ForEach(folder => Directory.Delete(folder, recursive: true));

    private static IEnumerable<string> Repositories(string style) =>
        Directory.EnumerateDirectories(Goldens.Folder("mas", style)).Where(folder => Path.GetFileName(folder) != "cases");

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
            File.WriteAllBytes(Path.Combine(to, Path.GetFileName(file)), File.ReadAllBytes(file));
    }

    private string Create()
    {
        _folders.Add(Directory.CreateTempSubdirectory("recursivemas-mas-").FullName);
        return _folders[^1];
    }
}
