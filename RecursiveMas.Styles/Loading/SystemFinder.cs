using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Systems;

namespace RecursiveMas.Loading;

/// <summary>A system and where its files are.</summary>
/// <param name="Style">What it is made of.</param>
/// <param name="Folder">Where its repositories are; null if one model serves in all roles and there are no links.</param>
/// <param name="Agents">The repository of each agent.</param>
internal sealed record FoundSystem(StyleDefinition Style, SystemFolder? Folder, IReadOnlyDictionary<string, CheckpointFolder> Agents);

/// <summary>Finds systems by name or folder.</summary>
internal sealed class SystemFinder(MasOptions options)
{
    private static string Known => string.Join(", ", StyleCatalogue.All.Select(style => style.Name));

    /// <param name="nameOrFolder">Name of a known system, or a folder; null takes the options' folder or style.</param>
    public FoundSystem Find(string? nameOrFolder)
    {
        string what = nameOrFolder ?? options.Folder ?? options.Style
            ?? throw new InvalidOptionException(nameof(MasOptions.Style), $"neither a style nor a folder was named. Known styles: {Known}.");
        if (StyleCatalogue.TryFind(what) is { } known)
            return Repositories(known, FolderOf(known));
        string folder = UserPath.Full(what);
        if (!Directory.Exists(folder))
            throw new CheckpointException(folder, $"is neither a folder nor the name of a system. Known systems: {Known}.");
        return IsModel(folder)
            ? OneModel(StyleCatalogue.Find(options.Style ?? StyleCatalogue.All[0].Name), folder)
            : In(SystemFolder.FromDirectory(folder));
    }

    /// <param name="style">A system of the user's own.</param>
    /// <param name="folder">Folder with its repositories, or of one model for all roles.</param>
    public FoundSystem Find(StyleDefinition style, string folder) =>
        IsModel(folder) ? OneModel(style, folder) : Repositories(style, SystemFolder.FromDirectory(folder));

    private static bool IsModel(string folder) =>
        UserPath.Full(folder) is var full && Directory.Exists(full) && CheckpointFolder.FromDirectory(full).Contains(ConfigReader.FileName);

    private static FoundSystem Repositories(StyleDefinition style, SystemFolder folder) =>
        new(style, folder, style.Graph.Agents.ToDictionary(agent => agent, agent => folder.Require(style.Repositories[agent]), StringComparer.Ordinal));

    private FoundSystem In(SystemFolder folder) => Repositories(options.Style is { } name ? StyleCatalogue.Find(name) : Recognise(folder), folder);

    private FoundSystem OneModel(StyleDefinition style, string path)
    {
        CheckpointFolder folder = CheckpointFolder.FromDirectory(path);
        return options.Channel == MasChannel.Text
            ? new FoundSystem(style, null, style.Graph.Agents.ToDictionary(agent => agent, _ => folder, StringComparer.Ordinal))
            : throw new InvalidOptionException(nameof(MasOptions.Channel), $"{folder.Name} holds one model without links, which can serve in all roles on the text channel only. Set the channel to Text.");
    }

    private SystemFolder FolderOf(StyleDefinition style)
    {
        if (options.Folder is { } folder)
            return SystemFolder.FromDirectory(folder);
        if (TinySystemFiles.Systems.Contains(style.Name))
            return SystemFolder.Embedded(style.Name);
        string cache = SystemFolder.LocalHubCache();
        return Directory.Exists(cache)
            ? SystemFolder.FromDirectory(cache)
            : throw new CheckpointException(cache, $"the system '{style.Name}' is not on this machine: there is no hub cache. Download {string.Join(", ", style.AllRepositories)}, or name the folder that holds them.");
    }

    private static StyleDefinition Recognise(SystemFolder folder)
    {
        StyleDefinition[] complete = [.. StyleCatalogue.All.Where(style => style.AllRepositories.All(repository => folder.Find(repository) is not null))];
        return complete.Length switch
        {
            1 => complete[0],
            0 => throw new CheckpointException(
                folder.Name,
                $"holds no complete system. Found: {(folder.Repositories.Count == 0 ? "no repositories" : string.Join(", ", folder.Repositories))}. " +
                $"Needed, for example for {StyleCatalogue.All[0].Name}: {string.Join(", ", StyleCatalogue.All[0].AllRepositories)}."),
            _ => throw new CheckpointException(folder.Name, $"holds several systems: {string.Join(", ", complete.Select(style => style.Name))}. Choose one by MasOptions.Style."),
        };
    }
}
