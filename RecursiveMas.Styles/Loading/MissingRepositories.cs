using RecursiveMas.Catalogue;
using RecursiveMas.Shared;

namespace RecursiveMas.Loading;

/// <summary>Says in one message everything that a system lacks, and how to get it.</summary>
internal static class MissingRepositories
{
    /// <summary>Whether the repositories that are needed of a system are all there.</summary>
    public static bool IsComplete(StyleDefinition style, SystemFolder folder, IEnumerable<string> repositories) =>
        Find(style, folder, repositories).Length == 0;

    /// <exception cref="CheckpointException">Repositories are missing or damaged; all of them are listed.</exception>
    public static void Require(StyleDefinition style, SystemFolder folder, IEnumerable<string> repositories)
    {
        string[] missing = Find(style, folder, repositories);
        if (missing.Length > 0)
            throw new CheckpointException(folder.Name, $"the system '{style.Name}' is not complete here. {Describe(style, folder, missing)}");
    }

    /// <summary>The exception for a folder without a complete system: it names the system of which most is there.</summary>
    public static CheckpointException NoneComplete(SystemFolder folder)
    {
        (StyleDefinition style, string[] missing) = StyleCatalogue.All
            .Select(style => (Style: style, Missing: Find(style, folder, style.AllRepositories)))
            .MaxBy(candidate => candidate.Style.AllRepositories.Count() - candidate.Missing.Length);
        return new CheckpointException(folder.Name, $"holds no complete system. Nearest to '{style.Name}': {Describe(style, folder, missing)}");
    }

    /// <summary>Names on the hub of what is missing, with the fault where something is there but cannot be used.</summary>
    private static string[] Find(StyleDefinition style, SystemFolder folder, IEnumerable<string> repositories)
    {
        return [.. repositories.Distinct(StringComparer.Ordinal).Select(Fault).OfType<string>()];

        string? Fault(string repository)
        {
            string name = $"'{StyleCatalogue.HubName(style, repository)}'";
            try
            {
                return folder.Find(repository) is null ? name : null;
            }
            catch (CheckpointException error)
            {
                return $"{name} ({error.Message})";
            }
        }
    }

    private static string Describe(StyleDefinition style, SystemFolder folder, string[] missing)
    {
        string remedy = StyleCatalogue.IsReleased(style)
            ? $"Download them into the hub cache with 'recursivemas download {style.Name}', or name the folder that holds all of them by MasOptions.Folder."
            : "Name the folder that holds all of them.";
        return $"Missing: {string.Join(", ", missing)}. Found: " +
            $"{(folder.Repositories.Count == 0 ? "no repositories" : ShownText.List(folder.Repositories))}. {remedy}";
    }
}
