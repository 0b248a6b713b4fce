using Microsoft.Extensions.Logging;

namespace RecursiveMas.Loading;

/// <summary>Loads a system that has been found: its models, and the links that it needs first.</summary>
internal sealed class SystemLoader(MasOptions options, IProgress<MasLoadProgress>? progress, ILoggerFactory loggers, CancellationToken cancellationToken)
{
    public async Task<LoadedSystem> LoadAsync(FoundSystem found)
    {
        Check(found.Style);
        MissingFiles.Require(found, options);
        (MasMemoryEstimate memory, IReadOnlyList<string> warnings) = new SystemMemoryCheck(options, loggers.CreateLogger<SystemMemoryCheck>()).Require(found);
        LoadedSystem system = LoadAgents(found, memory, warnings);
        try
        {
            await system.OpenAsync(cancellationToken).ConfigureAwait(false);
            if (found.Folder is not null)
                progress?.Report(new MasLoadProgress(found.Agents.Count + 1, found.Agents.Count + 1, "links"));
            return system;
        }
        catch
        {
            await system.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private LoadedSystem LoadAgents(FoundSystem found, MasMemoryEstimate memory, IReadOnlyList<string> warnings)
    {
        var models = new ModelLoader(options, found.Style.Defaults, loggers);
        var agents = new Dictionary<string, AgentModel>(StringComparer.Ordinal);
        try
        {
            foreach (string name in found.Agents.Keys)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var weights = progress is null ? null : new WeightListener(progress, new MasLoadProgress(agents.Count, found.Agents.Count + 1, name));
                agents.Add(name, models.Load(name, found.Agents[name], weights, cancellationToken));
                progress?.Report(new MasLoadProgress(agents.Count, found.Agents.Count + 1, name));
            }

            return new LoadedSystem(found.Style, options, found.Folder, agents, loggers) { Memory = memory, Warnings = warnings };
        }
        catch
        {
            models.Dispose();
            throw;
        }
    }

    private void Check(StyleDefinition style)
    {
        OptionCheck.Require(options, style);
        if ((options.Prompts ?? style.Prompts) is not PromptCatalogue prompts)
            return;
        prompts.Require(style.Graph);
        loggers.CreateLogger<SystemLoader>().LogInformation("Prompts: {Name} {Version}, SHA-256 {Hash}", prompts.Name, prompts.Version, prompts.Hash);
    }

    /// <summary>Passes on how much of an agent's weights has been read.</summary>
    private sealed class WeightListener(IProgress<MasLoadProgress> progress, MasLoadProgress part) : IProgress<ModelLoadProgress>
    {
        public void Report(ModelLoadProgress value) => progress.Report(part with { Weights = value });
    }
}
