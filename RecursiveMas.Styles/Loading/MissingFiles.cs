using RecursiveMas.Catalogue;
using RecursiveMas.Weights;
using RecursiveMas.Weights.Manifests;

namespace RecursiveMas.Loading;

/// <summary>Says in one message which files the repositories of a system lack.</summary>
internal static class MissingFiles
{
    private static readonly string[] s_files = [Configuration.ConfigReader.FileName, "tokenizer.json", "tokenizer_config.json"];

    /// <summary>Passes over a single missing file: whoever reads it knows more to say of it.</summary>
    /// <param name="found">The system.</param>
    /// <param name="links">Whether links are needed, too.</param>
    /// <exception cref="CheckpointException">Several files are missing, or are links that lead nowhere; all of them are listed.</exception>
    public static void Require(FoundSystem found, bool links)
    {
        string? task = found.Style.LinksByTask ? "math" : null;
        var missing = found.Agents.Values.DistinctBy(folder => folder.Name).Select(folder => (folder.Name, Files: OfAgent(folder, task, links))).ToList();
        if (links && found.Folder?.Find(found.Style.LinkRepository) is { } outer)
            missing.Add((outer.Name, OfLinks(outer, task)));
        missing.RemoveAll(repository => repository.Files.Length == 0);
        int count = missing.Sum(repository => repository.Files.Length);
        if (count < 2)
            return;
        string command = StyleCatalogue.IsReleased(found.Style) ? $", for example with: recursivemas download {found.Style.Name}" : ".";
        throw new CheckpointException(
            $"'{found.Style.Name}'",
            $"{count} files are " +
            $"missing:{string.Concat(missing.Select(repository => $"\n  {repository.Name}: {string.Join(", ", repository.Files)}"))}\nComplete the " +
            $"download{command}");
    }

    private static string[] OfAgent(CheckpointFolder folder, string? task, bool links) =>
    [
        .. s_files.Where(file => Lacks(folder, file)),
        .. WeightFiles.Missing(folder, file => Lacks(folder, file)),
        .. links ? Named(folder, () => [InnerLinkManifest.FileFor(folder, task)]) : [],
    ];

    private static string[] OfLinks(CheckpointFolder folder, string? task) => Lacks(folder, OuterLinkManifest.FileName)
        ? [OuterLinkManifest.FileName]
        : Named(folder, () => OuterLinkManifest.Read(folder).Links(task ?? "").Select(link => link.FileName));

    /// <summary>The missing ones among the files that a manifest names; none if it cannot be read, which is said when it is.</summary>
    private static string[] Named(CheckpointFolder folder, Func<IEnumerable<string>> files)
    {
        try
        {
            return [.. files().Where(file => Lacks(folder, file))];
        }
        catch (CheckpointException)
        {
            return [];
        }
    }

    /// <summary>Whether a file is not there, or is a link that leads nowhere. Names that leave the folder are not judged here.</summary>
    private static bool Lacks(CheckpointFolder folder, string file)
    {
        try
        {
            return !folder.Contains(file);
        }
        catch (CheckpointException)
        {
            return !file.AsSpan().ContainsAny('/', '\\', ':') && file is not ("." or "..");
        }
    }
}
