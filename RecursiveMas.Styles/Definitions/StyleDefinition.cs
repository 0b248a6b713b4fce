using System.Collections.ObjectModel;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>Settings that a system was published with; they apply where neither the system's options nor the call say otherwise.</summary>
public sealed record StyleDefaults
{
    /// <summary>Rounds. Default: 3.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Latent steps of each rollout. Default: 32.</summary>
    public int LatentSteps { get; init; } = 32;

    /// <summary>Maximum number of tokens of each text. Default: 2000.</summary>
    public int MaxNewTokens { get; init; } = 2000;

    /// <summary>How tokens are chosen. Default: drawn at temperature 0.6 with top-p 0.95.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public SamplingOptions Sampling
    {
        get;
        init => field = Given.NotNull(value, nameof(Sampling));
    } = new() { DoSample = true, Temperature = 0.6, TopP = 0.95 };

    /// <summary>Element type to compute in. Default: <see cref="ModelDtype.Auto"/>.</summary>
    /// <exception cref="InvalidOptionException">There is no such type.</exception>
    public ModelDtype Dtype { get; init => field = Given.Defined(value, nameof(Dtype)); } = ModelDtype.Auto;
}

/// <summary>A system as data: graph, order, prompts, and the repositories that hold its agents and links.</summary>
/// <remarks>A null where a value is required raises <see cref="ArgumentNullException"/> where it is set.</remarks>
public sealed record StyleDefinition
{
    /// <summary>Name, for example "sequential_light".</summary>
    public required string Name { get; init => field = Given.NotNull(value, nameof(Name)); }

    /// <summary>One sentence for people: what the system is, or what it can be asked.</summary>
    public required string Description { get; init => field = Given.NotNull(value, nameof(Description)); }

    /// <summary>Agents, edges, stages and writer.</summary>
    public required MasGraph Graph { get; init => field = Given.NotNull(value, nameof(Graph)); }

    /// <summary>Order of stages. Default: <see cref="RoundSchedule"/>.</summary>
    public IRecursionSchedule Schedule { get; init => field = Given.NotNull(value, nameof(Schedule)); } = RoundSchedule.Instance;

    /// <summary>
    /// Repository of each agent, by the agent's name; without the owner. Default: none, for systems whose agents are all given by
    /// <see cref="MasOptions.Agents"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Repositories
    {
        get;
        init => field = Given.NotNull(value, nameof(Repositories));
    } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// Repository of the outer links, without the owner. Default: empty, for systems on the text channel, or whose links are all given by
    /// <see cref="MasOptions.Links"/>.
    /// </summary>
    public string LinkRepository { get; init => field = Given.NotNull(value, nameof(LinkRepository)); } = "";

    /// <summary>Whether there is a set of links for each task (math, code) rather than one set for all. Default: false.</summary>
    public bool LinksByTask { get; init; }

    /// <summary>The prompts: a <see cref="PromptCatalogue"/>, or a source of one's own.</summary>
    public required IPromptSource Prompts { get; init => field = Given.NotNull(value, nameof(Prompts)); }

    /// <summary>Prompts as the reference implementation chooses them, where it chooses wrongly; null where it does not.</summary>
    internal Func<IPromptSource, IPromptSource>? ReferencePrompts { get; init; }

    /// <summary>Settings that the system was published with.</summary>
    public StyleDefaults Defaults { get; init => field = Given.NotNull(value, nameof(Defaults)); } = new();

    /// <summary>Every repository of the system.</summary>
    /// <exception cref="GraphException">An agent of the graph has no repository.</exception>
    public IEnumerable<string> AllRepositories => [.. Graph.Agents.Select(RepositoryOf), .. LinkRepository.Length > 0 ? new[] { LinkRepository } : []];

    /// <summary>The repository of an agent.</summary>
    internal string RepositoryOf(string agent) => Repositories.GetValueOrDefault(agent)
        ?? throw new GraphException($"The system '{Name}' names no repository for the agent '{agent}'. Add it to {nameof(Repositories)}.");
}
