using Microsoft.Extensions.Logging;
using RecursiveMas.Links;

namespace RecursiveMas.Loading;

/// <summary>Models of a system in memory, and its sets of links, which load when a kind of question first needs them.</summary>
internal sealed class LoadedSystem : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly StyleDefinition _style;
    private readonly MasOptions _options;
    private readonly SystemFolder? _folder;
    private readonly IReadOnlyDictionary<string, AgentModel> _agents;
    private readonly ILoggerFactory _loggers;
    private readonly Dictionary<string, Task<LinkSet>> _sets = new(StringComparer.Ordinal);
    private readonly Lazy<RecursionEngine> _textOnly;

    /// <param name="style">The system.</param>
    /// <param name="options">How it was loaded.</param>
    /// <param name="folder">Where links are; null if the system has none and can only hand over text.</param>
    /// <param name="agents">Its agents; their models are owned from here on.</param>
    /// <param name="loggers">Loggers of the engines.</param>
    public LoadedSystem(StyleDefinition style, MasOptions options, SystemFolder? folder, IReadOnlyDictionary<string, AgentModel> agents, ILoggerFactory loggers)
    {
        _style = style;
        _options = options;
        _folder = folder;
        _agents = agents;
        _loggers = loggers;
        _textOnly = new Lazy<RecursionEngine>(() => CreateEngine(new Dictionary<string, AdapterLink>(), new Dictionary<string, IRecursiveLink>()));
    }

    public IReadOnlyDictionary<string, AgentModel> Agents => _agents;

    /// <summary>What the user should know of how it was loaded.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The engine for a kind of question and a channel. Links that it needs are read in the background, once for all who wait for them.</summary>
    /// <param name="kind">Kind of question.</param>
    /// <param name="channel">What agents pass to each other.</param>
    /// <param name="cancellationToken">Ends the waiting, not the reading.</param>
    /// <exception cref="CheckpointException">A link is missing or does not fit, or there are no links for this kind.</exception>
    public async Task<RecursionEngine> EngineAsync(TaskKind kind, MasChannel channel, CancellationToken cancellationToken)
    {
        if (channel == MasChannel.Text)
            return _textOnly.Value;
        string? task = _style.LinksByTask ? TaskOf(kind) : null;
        Task<LinkSet>? reading;
        lock (_gate)
        {
            // What failed is tried again: the file may have been mended.
            if (!_sets.TryGetValue(task ?? "", out reading) || reading.IsFaulted)
                _sets[task ?? ""] = reading = Task.Run(() => LoadLinks(task), CancellationToken.None);
        }

        return (await reading.WaitAsync(cancellationToken).ConfigureAwait(false)).Engine;
    }

    /// <summary>Lets links and models go. Nobody may be using them or wait for them; what is still being read is waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (Task<LinkSet> reading in _sets.Values)
        {
            await Task.WhenAny(reading).ConfigureAwait(false);
            if (reading.IsCompletedSuccessfully)
                (await reading.ConfigureAwait(false)).Dispose();
        }

        _sets.Clear();
        foreach (StepScheduler steps in _agents.Values.Select(agent => agent.Steps).Distinct())
        {
            steps.Dispose();
            steps.Model.Dispose();
        }
    }

    /// <summary>Code has links of its own; every other kind uses those of math.</summary>
    private static string TaskOf(TaskKind kind) => kind == TaskKind.Code ? "code" : "math";

    private LinkSet LoadLinks(string? task)
    {
        SystemFolder folder = _folder
            ?? throw new InvalidOptionException(
                nameof(MasOptions.Channel),
                "this system is one model in all roles, without links; it can only use the text channel.");
        var loader = new LinkLoader(_options.LinkDtype);
        var inner = new Dictionary<string, AdapterLink>(StringComparer.Ordinal);
        var owned = new List<IRecursiveLink>();
        try
        {
            foreach ((string name, AgentModel agent) in _agents)
            {
                inner.Add(name, loader.Inner(agent, task));
                owned.Add(inner[name]);
            }

            Dictionary<string, IRecursiveLink> outer = loader.Outer(folder.Require(_style.LinkRepository), _style.Graph, _agents, task);
            owned.AddRange(outer.Values);
            _loggers
                .CreateLogger<LinkLoader>()
                .LogInformation("{System}: links{Task} are loaded: {Files}", _style.Name, task is null ? "" : $" for {task}", string.Join(", ", loader.Files));
            return new LinkSet(CreateEngine(inner, outer), owned);
        }
        catch
        {
            owned.ForEach(link => link.Dispose());
            throw;
        }
    }

    private RecursionEngine CreateEngine(IReadOnlyDictionary<string, AdapterLink> inner, IReadOnlyDictionary<string, IRecursiveLink> outer) => new(
        _style.Graph,
        _agents.Values.ToDictionary(
            agent => agent.Name,
            agent => (IAgent)new LatentAgent(agent.Name, agent.Steps, agent.Text, inner.GetValueOrDefault(agent.Name)),
            StringComparer.Ordinal),
        outer,
        _style.Schedule,
        _loggers.CreateLogger<RecursionEngine>());
}
