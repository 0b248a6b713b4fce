namespace RecursiveMas.RunSample;

/// <summary>A system some of whose repositories lie elsewhere: a folder of links to all of them is what gets loaded.</summary>
internal sealed class OwnCheckpoints : IDisposable
{
    /// <summary>Key of the repository of links.</summary>
    public const string Outer = "outer";

    private OwnCheckpoints(string folder) => Folder = folder;

    /// <summary>The folder, which holds nothing but links.</summary>
    public string Folder { get; }

    /// <param name="style">The system.</param>
    /// <param name="folders">Folders by role, by the place of an agent from 1, or "outer".</param>
    /// <param name="others">Folder with the repositories that are not named; null if there is none.</param>
    /// <exception cref="FormatException">A key is none of the system's, or a folder is missing.</exception>
    public static OwnCheckpoints Create(StyleDefinition style, IReadOnlyDictionary<string, string> folders, string? others)
    {
        IReadOnlyList<string> agents = style.Graph.Agents;
        var repositories = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string folder) in folders)
        {
            string repository = key == Outer ? style.LinkRepository
                : int.TryParse(key, out int place) && place >= 1 && place <= agents.Count ? style.Repositories[agents[place - 1]]
                : style.Repositories.TryGetValue(key, out string? named) ? named
                : throw new FormatException($"'{key}' is no part of {style.Name}. Its parts: {string.Join(", ", agents)}, {Outer}.");
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
                    $"{repository} has no folder: give one for each part of {style.Name} ({string.Join(", ", agents)}, {Outer}), or --system FOLDER with the " +
                    "others.");
            }


            repositories[repository] = Path.GetFullPath(there);
        }

        var own = new OwnCheckpoints(Directory.CreateTempSubdirectory("recursivemas-run-").FullName);
        foreach ((string repository, string folder) in repositories)
            Directory.CreateSymbolicLink(Path.Combine(own.Folder, repository), folder);
        return own;
    }

    public void Dispose()
    {
        // The links go, what they lead to stays.
        foreach (string link in Directory.GetDirectories(Folder))
            Directory.Delete(link);
        Directory.Delete(Folder);
    }
}
