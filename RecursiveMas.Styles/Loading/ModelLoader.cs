using Microsoft.Extensions.Logging;

namespace RecursiveMas.Loading;

/// <summary>Loads the models of a system as its options say: where, in which type, how many at a time. Equal weights are loaded once.</summary>
/// <remarks>Disposing it disposes all models that it loaded.</remarks>
internal sealed class ModelLoader(MasOptions options, StyleDefaults defaults, ILoggerFactory loggers) : IDisposable
{
    private readonly List<(CheckpointFolder Folder, string Device, ModelDtype Dtype, AgentModel Agent)> _loaded = [];
    private readonly Dictionary<string, ModelPool> _pools = new(StringComparer.Ordinal);
    private readonly ILogger _logger = loggers.CreateLogger("RecursiveMas.Models");

    /// <summary>Loads the model, tokenizer and template of an agent.</summary>
    /// <param name="name">The agent.</param>
    /// <param name="folder">Its files.</param>
    /// <param name="progress">Told how much of its weights has been read, unless they are shared with an agent before.</param>
    /// <param name="cancellationToken">Checked before each weight.</param>
    public AgentModel Load(string name, CheckpointFolder folder, IProgress<ModelLoadProgress>? progress, CancellationToken cancellationToken)
    {
        (string device, ModelLoadOptions how) = How(name);
        if (Wanted(name) == DeviceNames.Auto)
            loggers.CreateLogger<ModelLoader>().LogInformation("{Agent} computes on {Device}, which was chosen automatically", name, device);
        if (how.Weights != options.Weights)
        {
            loggers.CreateLogger<ModelLoader>().LogInformation(
                "{Agent} computes on {Device}, where weights cannot be {Weights}; they are {Instead}", name, device, options.Weights, how.Weights);
        }

        // The small files first: what is wrong with them shows before gigabytes are read.
        ChatTokenizer text = _loaded.FirstOrDefault(other => other.Folder.Name == folder.Name).Agent?.Text
            ?? ChatTokenizer.Load(folder, options.ParseSpecialTokensInQuestions, options.Clock, _logger);
        AgentModel? shared =
            _loaded.FirstOrDefault(other => other.Device == device && other.Dtype == how.Dtype && SharedWeights.Same(other.Folder, folder)).Agent;
        if (shared is not null)
            loggers.CreateLogger<ModelLoader>().LogDebug("{Agent} shares its weights with {Other}", name, shared.Name);
        var agent = new AgentModel(
            name,
            folder,
            shared?.Steps ?? new StepScheduler(LoadModel(name, folder, device, how, progress, cancellationToken), options.Steps),
            text);
        _loaded.Add((folder, device, how.Dtype, agent));
        return agent;
    }

    /// <summary>Where and how an agent's model is loaded: the device by the one name that it has however it was written.</summary>
    public (string Device, ModelLoadOptions How) How(string name)
    {
        ModelDtype dtype = options.AgentDtypes.TryGetValue(name, out ModelDtype ownType) ? ownType : options.Dtype ?? defaults.Dtype;
        if (dtype == ModelDtype.Auto && options.Compatibility == MasCompatibility.Reference)
            dtype = ModelDtype.Stored;
        var how = new ModelLoadOptions
        {
            Device = DeviceNames.Parse(Wanted(name)),
            Dtype = dtype,
            ManagedKernels = options.ManagedKernels,
            // A system may be spread over devices; a format that none of them knows is refused by the model.
            Weights = options.Weights is WeightFormat.Auto or WeightFormat.Plain || OnCpu(Wanted(name)) || !AnyOnCpu ? options.Weights : WeightFormat.Auto,
            // The system as a whole was checked.
            MemoryCheck = MemoryCheck.None,
        };
        return (DeviceNames.NameOf(how.Device), how);
    }

    public void Dispose()
    {
        foreach (StepScheduler steps in _loaded.Select(loaded => loaded.Agent.Steps).Distinct())
        {
            steps.Dispose();
            steps.Model.Dispose();
        }
    }

    private bool AnyOnCpu => options.AgentDevices.Values.Append(options.Device).Any(OnCpu);

    private static bool OnCpu(string device) => DeviceNames.Parse(device).type == TorchSharp.DeviceType.CPU;

    private string Wanted(string agent) => options.AgentDevices.TryGetValue(agent, out string? own) ? own : options.Device;

    private ICausalLanguageModel LoadModel(
        string name, CheckpointFolder folder, string device, ModelLoadOptions how, IProgress<ModelLoadProgress>? progress, CancellationToken cancellationToken)
    {
        if (options.Residency == ModelResidency.All)
            return CausalLanguageModel.Load(folder, how, _logger, progress, cancellationToken);
        MemoryEstimate estimate = CausalLanguageModel.EstimateMemory(folder, how, new MemoryWorkload { NewTokens = 1 });
        long bytes = estimate.ResidentWeights;
        if (options.Residency != ModelResidency.OneAtATime && bytes > options.Residency.Bytes)
            throw new InvalidOptionException(nameof(MasOptions.Residency), $"the model of '{name}' takes {bytes:N0} bytes, more than the budget of " +
                $"{options.Residency.Name}. Raise the budget, or choose a smaller element type.");
        if (!_pools.TryGetValue(device, out ModelPool? pool))
            _pools.Add(device, pool = new ModelPool(options.Residency, loggers.CreateLogger("RecursiveMas.Residency")));
        // Progress and cancellation are those of loading the system; later it is loaded again whenever its turn comes.
        bool first = true;
        return new ResidentModel(name, pool, bytes, () =>
        {
            (IProgress<ModelLoadProgress>? listener, CancellationToken token) = first ? (progress, cancellationToken) : (null, CancellationToken.None);
            first = false;
            return CausalLanguageModel.Load(folder, how, _logger, listener, token);
        });
    }
}
