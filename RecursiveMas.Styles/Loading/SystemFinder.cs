using System.Collections.ObjectModel;
using RecursiveMas.Catalogue;
using RecursiveMas.Shared;

namespace RecursiveMas.Loading;

/// <summary>A system and where its files are.</summary>
/// <param name="Style">What it is made of.</param>
/// <param name="Folder">Where its repositories are; null if one model serves in all roles and there are no links.</param>
/// <param name="Agents">The repository of each agent that is to be loaded.</param>
internal sealed record FoundSystem(StyleDefinition Style, SystemFolder? Folder, IReadOnlyDictionary<string, CheckpointFolder> Agents);

/// <summary>Finds systems by name or folder.</summary>
/// <param name="options">How the system is loaded.</param>
/// <param name="released">The repositories of the released system that <see cref="Released"/> told of; null looks into the local hub cache as it is.</param>
internal sealed class SystemFinder(MasOptions options, SystemFolder? released = null)
{
    /// <summary>
    /// The released system that is meant and no folder is named for: its files are in the hub cache, or have to be downloaded. Null for all others.
    /// </summary>
    public ReleasedSystem? Released(string? nameOrFolder)
    {
        string? name = nameOrFolder ?? options.Style;
        if (name is null || options.Folder is not null || (options.Style is { } style && style != name))
            return null;
        return StyleCatalogue.TryFind(name) is { } known && !Needs.Repositories(known, options).Any() ? null : ReleasedSystems.TryFind(name);
    }

    /// <param name="nameOrFolder">Name of a known system, or a folder; null takes the options' folder or style.</param>
    public FoundSystem Find(string? nameOrFolder)
    {
        OptionCheck.NotEmpty(
            nameOrFolder,
            nameof(nameOrFolder),
            $"Name a folder or a system, or leave it null to go by the options. Known: {StyleCatalogue.Names}.");
        StyleDefinition? style = options.Style is { } name ? StyleCatalogue.Find(name) : null;
        if (nameOrFolder is null)
        {
            return options.Folder is { } folder ? In(folder, nameof(MasOptions.Folder), style)
                : style is not null ? Named(style)
                : throw Unnamed();
        }

        if (StyleCatalogue.TryFind(nameOrFolder) is { } known)
        {
            RequireSameStyle(known.Name);
            return Named(known);
        }

        if (!LooksLikePath(nameOrFolder) && !Directory.Exists(UserPath.Full(nameOrFolder, nameof(nameOrFolder))))
            throw StyleCatalogue.Unknown(nameOrFolder, nameof(nameOrFolder), "is neither a known system nor a folder");
        RequireSameFolder(nameOrFolder);
        return In(nameOrFolder, nameof(nameOrFolder), style);
    }

    /// <param name="style">A system of the user's own.</param>
    /// <param name="folder">Folder with its repositories, or of one model for all roles; null if nothing is to be loaded.</param>
    public FoundSystem Find(StyleDefinition style, string? folder)
    {
        RequireSameStyle(style.Name);
        if (folder is null)
        {
            return Needs.Agents(style, options).FirstOrDefault() is { } agent
                ? throw NoFolder($"the agent '{agent}' is to be loaded", nameof(MasOptions.Agents))
                : Needs.Links(style, options).FirstOrDefault() is { } edge ? throw NoFolder($"the link '{edge.Key}' is to be loaded", nameof(MasOptions.Links))
                : new FoundSystem(style, null, ReadOnlyDictionary<string, CheckpointFolder>.Empty);
        }

        RequireSameFolder(folder);
        return In(folder, nameof(folder), style);
    }

    /// <summary>The exception for options that name no system.</summary>
    public static InvalidOptionException Unnamed() =>
        new(nameof(MasOptions.Style), $"neither a style nor a folder was named. Known styles: {StyleCatalogue.Names}.");

    private static bool LooksLikePath(string text) => text.AsSpan().ContainsAny('/', '\\', ':') || text.StartsWith('.') || text.StartsWith('~');

    private void RequireSameStyle(string name)
    {
        if (options.Style is { } style && style != name)
            throw Contradiction(nameof(MasOptions.Style), style, name);
    }

    private void RequireSameFolder(string path)
    {
        static string Full(string path, string option) => Path.TrimEndingDirectorySeparator(UserPath.Full(path, option));
        if (options.Folder is { } folder && Full(folder, nameof(MasOptions.Folder)) != Full(path, nameof(folder)))
            throw Contradiction(nameof(MasOptions.Folder), folder, path);
    }

    private static InvalidOptionException Contradiction(string option, string value, string argument) =>
        new(option, $"'{value}' contradicts '{argument}', which the call names. Leave one of them out.");

    private static InvalidOptionException NoFolder(string why, string option) =>
        new("folder", $"is null, but {why}. Name the folder that holds it, or give it by {nameof(MasOptions)}.{option}.");

    private FoundSystem Named(StyleDefinition style) =>
        options.Folder is { } folder ? In(folder, nameof(MasOptions.Folder), style)
        : TinySystemFiles.Systems.Contains(style.Name) ? Repositories(style, SystemFolder.Embedded(style.Name))
        : Repositories(style, released ?? SystemFolder.OfCache(SystemFolder.LocalHubCache()));

    private FoundSystem In(string folder, string option, StyleDefinition? style)
    {
        string path = UserPath.Full(folder, option);
        if (!Directory.Exists(path))
            throw new CheckpointException(
                path,
                $"{option} names this {(File.Exists(path) ? "file, but a folder is needed" : "folder, but there is none")}. " +
                $"Check the path, or name a known system: {StyleCatalogue.Names}.");
        if (CheckpointFolder.FromDirectory(path).Contains(CausalLanguageModel.ConfigurationFile))
            return OneModel(style ?? StyleCatalogue.All[0], path);
        SystemFolder repositories = SystemFolder.FromDirectory(path);
        return Repositories(style ?? Recognise(repositories), repositories);
    }

    private FoundSystem OneModel(StyleDefinition style, string path)
    {
        CheckpointFolder folder = CheckpointFolder.FromDirectory(path);
        return options.Channel == MasChannel.Text
            ? new FoundSystem(style, null, Needs.Agents(style, options).ToDictionary(agent => agent, _ => folder, StringComparer.Ordinal))
            : throw new InvalidOptionException(
                nameof(MasOptions.Channel),
                $"{folder.Name} holds one model without links, which can serve in all roles on the text channel only. Set the channel to Text.");
    }

    private FoundSystem Repositories(StyleDefinition style, SystemFolder folder)
    {
        MissingRepositories.Require(style, folder, Needs.Repositories(style, options));
        return new(
            style,
            folder,
            Needs.Agents(style, options).ToDictionary(agent => agent, agent => folder.Require(style.RepositoryOf(agent)), StringComparer.Ordinal));
    }

    private StyleDefinition Recognise(SystemFolder folder)
    {
        StyleDefinition[] complete = [.. StyleCatalogue.All.Where(style => MissingRepositories.IsComplete(style, folder, Needs.Repositories(style, options)))];
        return complete.Length switch
        {
            1 => complete[0],
            0 => throw MissingRepositories.NoneComplete(folder),
            _ => throw new CheckpointException(
                folder.Name,
                $"holds several systems: {string.Join(", ", complete.Select(style => style.Name))}. Choose one by MasOptions.Style."),
        };
    }
}
