using RecursiveMas.Systems;

namespace RecursiveMas.Loading;

/// <summary>Says in one message everything that a system lacks, and how to get it.</summary>
internal static class MissingRepositories
{
    /// <exception cref="CheckpointException">Repositories are missing; all of them are listed.</exception>
    public static void Require(StyleDefinition style, SystemFolder folder, IEnumerable<string> repositories)
    {
        string[] missing = [.. repositories.Distinct(StringComparer.Ordinal).Where(repository => folder.Find(repository) is null)];
        if (missing.Length > 0)
            throw new CheckpointException(folder.Name, $"the system '{style.Name}' is not complete here. {Lacking(style, folder, missing)}");
    }

    /// <summary>The exception for a folder without a complete system: it names the system of which most is there.</summary>
    public static CheckpointException NoneComplete(SystemFolder folder)
    {
        (StyleDefinition style, string[] missing) = StyleCatalogue.All
            .Select(style => (style, style.AllRepositories.Where(repository => folder.Find(repository) is null).ToArray()))
            .MaxBy(candidate => candidate.style.AllRepositories.Count() - candidate.Item2.Length);
        return new CheckpointException(folder.Name, $"holds no complete system. Nearest to '{style.Name}': {Lacking(style, folder, missing)}");
    }

    private static string Lacking(StyleDefinition style, SystemFolder folder, string[] missing)
    {
        string[] names = [.. missing.Select(repository => StyleCatalogue.HubName(style, repository))];
        string remedy = StyleCatalogue.IsReleased(style)
            ? $"Download what is missing with 'recursivemas download {style.Name}' into the hub cache, or name the folder that holds it by MasOptions.Folder."
            : "Name the folder that holds all of them.";
        return $"Missing: {string.Join(", ", names.Select(name => $"'{name}'"))}. Found: {(folder.Repositories.Count == 0 ? "no repositories" : string.Join(", ", folder.Repositories))}. {remedy}";
    }
}
