namespace RecursiveMas.RunSample;

/// <summary>A system some of whose repositories or links lie elsewhere: a folder that leads to all of them is what gets loaded.</summary>
internal sealed class OwnCheckpoints : IDisposable
{
    /// <summary>Key of the repository of links.</summary>
    public const string Outer = "outer";

    private static readonly string?[] s_tasks = [null, "math", "code"];

    private OwnCheckpoints(string folder) => Folder = folder;

    /// <summary>The folder, which holds nothing but links.</summary>
    public string Folder { get; }

    /// <param name="style">The system.</param>
    /// <param name="settings">Folders by role, by the place of an agent from 1, or "outer"; files of single links.</param>
    /// <param name="others">Folder with the repositories that are not named; null if there is none.</param>
    /// <exception cref="FormatException">A key is none of the system's, or a folder or file is missing.</exception>
    public static OwnCheckpoints Create(StyleDefinition style, Settings settings, string? others)
    {
        Dictionary<string, string> repositories = Repositories(style, settings.Checkpoints, others);
        Dictionary<string, Dictionary<string, string>> files = Files(style, settings, repositories);
        var own = new OwnCheckpoints(Directory.CreateTempSubdirectory("recursivemas-run-").FullName);
        foreach ((string repository, string folder) in repositories)
        {
            string path = Path.Combine(own.Folder, repository);
            if (files.TryGetValue(repository, out Dictionary<string, string>? replaced))
                Lead(path, folder, replaced);
            else
                Directory.CreateSymbolicLink(path, folder);
        }

        return own;
    }

    /// <summary>Links go, what they lead to stays.</summary>
    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static Dictionary<string, string> Repositories(StyleDefinition style, IReadOnlyDictionary<string, string> folders, string? others)
    {
        var repositories = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string folder) in folders)
        {
            string repository = key == Outer ? style.LinkRepository : RepositoryOf(style, key);
            if (!Directory.Exists(folder))
                throw new FormatException($"The folder of '{key}' is not there: {folder}");
            repositories[repository] = Path.GetFullPath(folder);
        }

        foreach (string repository in style.AllRepositories.Where(repository => !repositories.ContainsKey(repository)))
        {
            string there = others is null ? "" : Path.Combine(others, repository);
            if (!Directory.Exists(there))
            {
                throw new FormatException(
                    $"{repository} has no folder: give one for each part of {style.Name} ({string.Join(", ", style.Graph.Agents)}, {Outer}), " +
                    "or --system FOLDER with the others.");
            }

            repositories[repository] = Path.GetFullPath(there);
        }

        return repositories;
    }

    /// <summary>By repository, the names of files whose places are taken, with the files that take them.</summary>
    private static Dictionary<string, Dictionary<string, string>> Files(
        StyleDefinition style, Settings settings, Dictionary<string, string> repositories)
    {
        var files = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach ((string key, string file) in settings.InnerLinks)
        {
            string repository = RepositoryOf(style, key);
            CheckpointFolder folder = CheckpointFolder.FromDirectory(repositories[repository]);
            Replace(repository, file, s_tasks.Select(task => LinkLoader.NameInner(folder, task)));
        }

        foreach ((string key, string file) in settings.OuterLinks)
        {
            if (style.Graph.Edges.All(edge => edge.Key != key))
            {
                string links = string.Join(", ", style.Graph.Edges.Select(edge => edge.Key));
                throw new FormatException($"--{key}_path names no link of {style.Name}. Its links: {links}.");
            }

            CheckpointFolder folder = CheckpointFolder.FromDirectory(repositories[style.LinkRepository]);
            string?[] tasks = LinkLoader.FindOuterTasks(folder) is { Count: > 0 } own ? [.. own] : [null];
            string[] names = [.. tasks.Select(task => LinkLoader.FindOuter(folder, task).GetValueOrDefault(key)).OfType<string>()];
            if (names.Length == 0)
                throw new FormatException($"--{key}_path: {folder.Describe(LinkLoader.OuterManifestFile)} lists no link '{key}' that it could stand for.");
            Replace(style.LinkRepository, file, names);
        }

        return files;

        void Replace(string repository, string file, IEnumerable<string> names)
        {
            if (!File.Exists(file))
                throw new FormatException($"The file of a link is not there: {file}");
            if (!files.TryGetValue(repository, out Dictionary<string, string>? replaced))
                files[repository] = replaced = new Dictionary<string, string>(StringComparer.Ordinal);
            // Manifests come from anywhere.
            if (names.FirstOrDefault(name => Path.IsPathRooted(name) || name.Split('/', '\\').Contains("..")) is { } outside)
                throw new FormatException($"The manifest of {repository} names '{outside}', which lies outside of it.");
            foreach (string name in names)
                replaced[name] = Path.GetFullPath(file);
        }
    }

    private static string RepositoryOf(StyleDefinition style, string key)
    {
        IReadOnlyList<string> agents = style.Graph.Agents;
        return int.TryParse(key, out int place) && place >= 1 && place <= agents.Count ? style.Repositories[agents[place - 1]]
            : style.Repositories.TryGetValue(key, out string? named) ? named
            : throw new FormatException($"'{key}' is no part of {style.Name}. Its parts: {string.Join(", ", agents)}, {Outer}.");
    }

    /// <summary>Makes a folder that leads to the files of another, and to other files in the places of some.</summary>
    private static void Lead(string path, string to, Dictionary<string, string> replaced)
    {
        IEnumerable<string> names = Directory.EnumerateFiles(to, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(to, file));
        foreach (string name in names.Union(replaced.Keys, StringComparer.Ordinal))
        {
            string link = Path.Combine(path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, replaced.GetValueOrDefault(name) ?? Path.Combine(to, name));
        }
    }
}
