namespace RecursiveMas;

/// <summary>How a system is loaded, and the settings of every question unless the call says otherwise.</summary>
/// <remarks>
/// Copied when a system is loaded; later changes have no effect on it. Can be bound from a configuration, but for what only code can give:
/// <see cref="Agents"/>, <see cref="Links"/>, <see cref="LinkTypes"/>, <see cref="Prompts"/>, <see cref="RunOptions.Tools"/>, <see cref="Hub"/>,
/// <see cref="ConfirmDownload"/> and <see cref="Clock"/>.
/// </remarks>
public sealed record MasOptions : RunOptions
{
    /// <summary>Name of the system, for example "sequential_light" or "sequential_tiny". Default: found from the folder's repositories.</summary>
    public string? Style { get; set; }

    /// <summary>Folder that holds the repositories, as plain folders or as a hub cache. Default: the local hub cache; embedded systems need none.</summary>
    public string? Folder { get; set; }

    /// <summary>Whether files of a released system that the hub cache lacks are downloaded. Default: <see cref="MasDownload.Auto"/>.</summary>
    public MasDownload Download { get; set; } = MasDownload.Auto;

    /// <summary>
    /// Decides about a download where <see cref="Download"/> is <see cref="MasDownload.Ask"/>: it is told what, how much and under which licences.
    /// Default: none.
    /// </summary>
    public Func<MasDownloadRequest, CancellationToken, ValueTask<bool>>? ConfirmDownload { get; set; }

    /// <summary>
    /// Never open a connection; missing files are an error that lists them. Default: false, unless HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set.
    /// </summary>
    public bool Offline { get; set; }

    /// <summary>Client for downloads; the caller disposes it. Default: a client configured by the hub's environment variables.</summary>
    public HubClient? Hub { get; set; }

    /// <summary>
    /// Device as TorchSharp writes it: "cpu", "cuda", "cuda:1"; or "auto", the first CUDA device if libtorch finds one, else the CPU, as the log then says.
    /// Default: "cpu".
    /// </summary>
    public string Device { get; set; } = "cpu";

    /// <summary>Devices of single agents, by the agent's name. Default: <see cref="Device"/> for all.</summary>
    public IDictionary<string, string> AgentDevices { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Element type in which models compute. Default: as the system was published, <see cref="ModelDtype.Auto"/> for most.</summary>
    public ModelDtype? Dtype { get; set; }

    /// <summary>Element types of single agents, by the agent's name. Default: <see cref="Dtype"/> for all.</summary>
    public IDictionary<string, ModelDtype> AgentDtypes { get; init; } = new Dictionary<string, ModelDtype>(StringComparer.Ordinal);

    /// <summary>
    /// Element type in which links compute. Default: <see cref="ModelDtype.Auto"/>, which is float32 where the sender computes in float32, else as stored.
    /// </summary>
    public ModelDtype LinkDtype { get; set; } = ModelDtype.Auto;

    /// <summary>
    /// How weights lie in memory, see <see cref="ModelLoadOptions.Weights"/>. <see cref="WeightFormat.Packed"/> and <see cref="WeightFormat.Int8"/> are for
    /// models on the CPU; in a system with some on other devices, these take <see cref="WeightFormat.Auto"/>. Default: <see cref="WeightFormat.Auto"/>.
    /// </summary>
    /// <exception cref="InvalidOptionException">No model is on the CPU: thrown when the system is loaded.</exception>
    public WeightFormat Weights { get; set; } = WeightFormat.Auto;

    /// <summary>Whether managed code computes what it can on a CPU, see <see cref="ModelLoadOptions.ManagedKernels"/>. Default: true.</summary>
    public bool ManagedKernels { get; set; } = true;

    /// <summary>Which models stay in memory. Default: <see cref="ModelResidency.All"/>.</summary>
    public ModelResidency Residency { get; set; } = ModelResidency.All;

    /// <summary>
    /// What happens if the system, by <see cref="MasSystem.EstimateMemory"/>, does not fit into the memory of this machine or of a container's limit.
    /// Default: <see cref="MemoryCheck.Refuse"/>.
    /// </summary>
    public MemoryCheck MemoryCheck { get; set; } = MemoryCheck.Refuse;

    /// <summary>
    /// Agents of one's own in place of those that would be loaded, by role. They stay the caller's; nothing is loaded for their roles. One that is no
    /// <see cref="ILatentAgent"/>, such as a <see cref="TextAgent"/>, takes part on the text channel only. Default: none.
    /// </summary>
    public IDictionary<string, IAgent> Agents { get; init; } = new Dictionary<string, IAgent>(StringComparer.Ordinal);

    /// <summary>Outer links of one's own in place of those that would be loaded, by the key of their edge. They stay the caller's. Default: none.</summary>
    public IDictionary<string, IRecursiveLink> Links { get; init; } = new Dictionary<string, IRecursiveLink>(StringComparer.Ordinal);

    /// <summary>
    /// The types of links that checkpoints may name. Default: <see cref="LinkTypeRegistry.BuiltIn"/>; <see cref="LinkTypeRegistry.With"/> adds one's own.
    /// </summary>
    public LinkTypeRegistry LinkTypes { get; set; } = LinkTypeRegistry.BuiltIn;

    /// <summary>Prompts in place of the style's own. Default: none.</summary>
    public IPromptSource? Prompts { get; set; }

    /// <summary>Whether faults of the reference implementation are reproduced. Default: no.</summary>
    public MasCompatibility Compatibility { get; set; } = MasCompatibility.Default;

    /// <summary>
    /// Maximum number of questions that run at once, at least 1; others wait in order of arrival. All that run share every pass over the weights, so that many
    /// together take far less time than one after another; each takes the memory of its agents' caches. Default: 16.
    /// </summary>
    public int MaxConcurrency { get; set; } = 16;

    /// <summary>
    /// Questions that may wait for a place, at least 0; further ones are refused with an <see cref="OverloadedException"/>. Default: null, no limit.
    /// </summary>
    public int? MaxQueue { get; set; }

    /// <summary>Limits of one step of a model. Default: 512 positions of prompts, 64 sessions.</summary>
    public StepOptions Steps { get; set; } = new();

    /// <summary>
    /// Let special tokens that are written out in a question count as special tokens, as the reference implementation does.
    /// Default: false, so that a question cannot end its own turn.
    /// </summary>
    public bool ParseSpecialTokensInQuestions { get; set; }

    /// <summary>Clock for templates that print the date. Default: the system's clock.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Tells what memory there is.</summary>
    internal Func<HostMemory?> Host { get; init; } = HostMemory.Now;

    /// <summary>A copy that later changes of this one do not reach.</summary>
    internal MasOptions Copy() => this with
    {
        AgentDevices = Copy(AgentDevices)!,
        AgentDtypes = Copy(AgentDtypes)!,
        Agents = Copy(Agents)!,
        Links = Copy(Links)!,
    };

    private static Dictionary<string, T>? Copy<T>(IDictionary<string, T>? given) =>
        given is null ? null : new Dictionary<string, T>(given, StringComparer.Ordinal);
}
