using RecursiveMas.Catalogue;


namespace RecursiveMas.Loading;

/// <summary>Says in one message which files the repositories of a system lack.</summary>
internal static class MissingFiles
{
    private static readonly string[] s_files = [CausalLanguageModel.ConfigurationFile, "tokenizer.json", "tokenizer_config.json"];

    /// <summary>Passes over a single missing file: whoever reads it knows more to say of it.</summary>
    /// <param name="found">The system.</param>
    /// <param name="options">How it will be loaded.</param>
    /// <exception cref="CheckpointException">Several files are missing, or are links that lead nowhere; all of them are listed.</exception>
    public static void Require(FoundSystem found, MasOptions options)
    {
        bool links = found.Folder is not null && options.Channel != MasChannel.Text;
        string[] edges = [.. Needs.Links(found.Style, options).Select(edge => edge.Key)];
        string? task = found.Style.LinksByTask ? "math" : null;
        var missing = found.Agents.Values.DistinctBy(folder => folder.Name).Select(folder => (folder.Name, Files: OfAgent(folder, task, links))).ToList();
        if (edges.Length > 0 && found.Folder?.Find(found.Style.LinkRepository) is { } outer)
            missing.Add((outer.Name, OfLinks(outer, task, edges)));
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
        .. s_files.Where(folder.IsMissing),
        .. CausalLanguageModel.FindMissingWeights(folder),
        .. links ? Named(folder, () => [LinkLoader.NameInner(folder, task)]) : [],
    ];

    private static string[] OfLinks(CheckpointFolder folder, string? task, string[] edges) => folder.IsMissing(LinkLoader.OuterManifestFile)
        ? [LinkLoader.OuterManifestFile]
        : Named(folder, () => LinkLoader.FindOuter(folder, task).Where(link => edges.Contains(link.Key)).Select(link => link.Value));

    /// <summary>The missing ones among the files that a manifest names; none if it cannot be read, which is said when it is.</summary>
    private static string[] Named(CheckpointFolder folder, Func<IEnumerable<string>> files)
    {
        try
        {
            return [.. files().Where(folder.IsMissing)];
        }
        catch (CheckpointException)
        {
            return [];
        }
    }
}
