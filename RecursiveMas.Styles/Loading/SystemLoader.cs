using Microsoft.Extensions.Logging;
using RecursiveMas.Agents;
using RecursiveMas.Configuration;
using RecursiveMas.Systems;

namespace RecursiveMas.Loading;

/// <summary>Finds a system by name or folder and loads its models.</summary>
internal sealed class SystemLoader(MasOptions options, IProgress<MasLoadProgress>? progress, ILoggerFactory loggers, CancellationToken cancellationToken)
{
    /// <param name="nameOrFolder">Name of a known system, or a folder; null takes the options' folder or style.</param>
    public (StyleDefinition Style, LoadedSystem System) Load(string? nameOrFolder)
    {
        RecursiveMasRuntime.Initialize();
        string what = nameOrFolder ?? options.Folder ?? options.Style
            ?? throw new InvalidOptionException(nameof(MasOptions.Style), $"neither a style nor a folder was named. Known styles: {string.Join(", ", StyleCatalogue.All.Select(style => style.Name))}.");
        if (StyleCatalogue.TryFind(what) is { } known)
            return Load(known, FolderOf(known));
        string folder = Path.GetFullPath(what);
        if (!Directory.Exists(folder))
            throw new CheckpointException(folder, $"is neither a folder nor the name of a system. Known systems: {string.Join(", ", StyleCatalogue.All.Select(style => style.Name))}.");
        if (File.Exists(Path.Combine(folder, ConfigReader.FileName)))
            return LoadOneModel(CheckpointFolder.FromDirectory(folder));
        SystemFolder found = SystemFolder.FromDirectory(folder);
        return Load(options.Style is { } name ? StyleCatalogue.Find(name) : Recognise(found), found);
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

    private (StyleDefinition Style, LoadedSystem System) Load(StyleDefinition style, SystemFolder folder)
    {
        Check(style);
        Dictionary<string, CheckpointFolder> folders = style.Graph.Agents.ToDictionary(agent => agent, agent => folder.Require(style.Repositories[agent]), StringComparer.Ordinal);
        LoadedSystem system = LoadAgents(style, folder, folders);
        try
        {
            if (options.Channel != MasChannel.Text)
                system.Engine(TaskKind.Math, options.Channel);
            progress?.Report(new MasLoadProgress(style.Graph.Agents.Count + 1, style.Graph.Agents.Count + 1, "links"));
            return (style, system);
        }
        catch
        {
            system.Dispose();
            throw;
        }
    }

    private (StyleDefinition Style, LoadedSystem System) LoadOneModel(CheckpointFolder folder)
    {
        if (options.Channel != MasChannel.Text)
            throw new InvalidOptionException(nameof(MasOptions.Channel), $"{folder.Name} holds one model without links, which can serve in all roles on the text channel only. Set the channel to Text.");
        StyleDefinition style = StyleCatalogue.Find(options.Style ?? StyleCatalogue.All[0].Name);
        style = style with { Description = $"One model, {folder.Name}, in all roles of {style.Name}." };
        Check(style);
        return (style, LoadAgents(style, null, style.Graph.Agents.ToDictionary(agent => agent, _ => folder, StringComparer.Ordinal)));
    }

    private LoadedSystem LoadAgents(StyleDefinition style, SystemFolder? folder, IReadOnlyDictionary<string, CheckpointFolder> folders)
    {
        var agents = new Dictionary<string, AgentModel>(StringComparer.Ordinal);
        var models = new Dictionary<(string, string, ModelDtype), AgentModel>();
        try
        {
            foreach (string name in style.Graph.Agents)
            {
                cancellationToken.ThrowIfCancellationRequested();
                string device = options.AgentDevices.TryGetValue(name, out string? own) ? own : options.Device;
                ModelDtype dtype = AsReference(options.AgentDtypes.TryGetValue(name, out ModelDtype ownType) ? ownType : options.Dtype ?? style.Defaults.Dtype);
                // One folder in several roles is one copy of the weights.
                (string, string, ModelDtype) key = (folders[name].Name, device, dtype);
                if (!models.TryGetValue(key, out AgentModel? loaded))
                    models.Add(key, loaded = LoadAgent(name, folders[name], device, dtype));
                agents.Add(name, loaded with { Name = name });
                progress?.Report(new MasLoadProgress(agents.Count, style.Graph.Agents.Count + 1, name));
            }

            return new LoadedSystem(style, options, folder, agents, loggers);
        }
        catch
        {
            foreach (AgentModel loaded in models.Values)
                loaded.Model.Dispose();
            throw;
        }
    }

    private ModelDtype AsReference(ModelDtype dtype) =>
        options.Compatibility == MasCompatibility.Reference && dtype == ModelDtype.Auto ? ModelDtype.Stored : dtype;

    private AgentModel LoadAgent(string name, CheckpointFolder folder, string device, ModelDtype dtype)
    {
        // The small files first: what is wrong with them shows before gigabytes are read.
        AgentText text = AgentText.Load(folder, options.ParseSpecialTokensInQuestions, options.Clock);
        ICausalLanguageModel model = CausalLanguageModel.Load(
            folder,
            new ModelLoadOptions { Device = DeviceNames.Parse(device), Dtype = dtype, OptimizeWeights = options.OptimizeWeights },
            loggers.CreateLogger("RecursiveMas.Models"));
        return new AgentModel(name, folder, model, text);
    }

    private void Check(StyleDefinition style)
    {
        foreach (string name in options.AgentDevices.Keys.Concat(options.AgentDtypes.Keys))
        {
            if (!style.Graph.Agents.Contains(name))
                throw new InvalidOptionException(nameof(MasOptions.AgentDevices), $"names the agent '{name}', which '{style.Name}' does not have. Agents: {string.Join(", ", style.Graph.Agents)}.");
        }

        (options.Prompts as PromptCatalogue ?? style.Prompts).Require(style.Graph);
    }
}
