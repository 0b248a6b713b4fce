using System.Collections.ObjectModel;
using Microsoft.Extensions.Logging;

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
    /// <param name="agents">Its agents that were loaded; their models are owned from here on.</param>
    /// <param name="loggers">Loggers of the engines.</param>
    public LoadedSystem(StyleDefinition style, MasOptions options, SystemFolder? folder, IReadOnlyDictionary<string, AgentModel> agents, ILoggerFactory loggers)
    {
        _style = style;
        _options = options;
        _folder = folder;
        _agents = agents;
        _loggers = loggers;
        _textOnly = new Lazy<RecursionEngine>(() => CreateEngine(
            WithGiven(agents.Values.Select(agent => (IAgent)new LatentAgent(agent.Name, agent.Steps, agent.Text))),
            ReadOnlyDictionary<string, IRecursiveLink>.Empty));
    }

    /// <summary>The engine that the system was loaded with: for questions of the most usual kind, on the channel of the options.</summary>
    public RecursionEngine Engine { get; private set; } = null!;

    /// <summary>The repository of each agent that was loaded.</summary>
    public IReadOnlyDictionary<string, CheckpointFolder> Folders =>
        _agents.ToDictionary(agent => agent.Key, agent => agent.Value.Folder, StringComparer.Ordinal);

    /// <summary>The repository of the outer links; null if there is none.</summary>
    public CheckpointFolder? LinkFolder => _style.LinkRepository.Length > 0 ? _folder?.Find(_style.LinkRepository) : null;

    /// <summary>Makes that engine.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken) =>
        Engine = await EngineAsync(TaskKind.Math, _options.Channel ?? MasChannel.Latent, cancellationToken).ConfigureAwait(false);

    /// <summary>What it takes, as estimated.</summary>
    public required MasMemoryEstimate Memory { get; init; }

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
        MasEdge[] edges = [.. _style.Graph.Edges.Where(edge => !_options.Links.ContainsKey(edge.Key))];
        if (_folder is null && (_agents.Count > 0 || edges.Length > 0))
            throw new InvalidOptionException(nameof(MasOptions.Channel), "this system was loaded without links; it can only use the text channel.");
        var loader = new LinkLoader(_options.LinkTypes, _options.LinkDtype);
        var owned = new List<IRecursiveLink>();
        try
        {
            var loaded = new List<IAgent>();
            foreach (AgentModel agent in _agents.Values)
            {
                owned.Add(loader.LoadInner(agent.Folder, agent.Model, task));
                loaded.Add(new LatentAgent(agent.Name, agent.Steps, agent.Text, owned[^1]));
            }

            Dictionary<string, IAgent> agents = WithGiven(loaded);
            var outer = new Dictionary<string, IRecursiveLink>(_options.Links, StringComparer.Ordinal);
            if (edges.Length > 0)
            {
                foreach ((string key, IRecursiveLink link) in loader.LoadOuter(_folder!.Require(_style.LinkRepository), edges, agents, task))
                {
                    owned.Add(link);
                    outer.Add(key, link);
                }
            }

            ILogger logger = _loggers.CreateLogger<LinkLoader>();
            if (logger.IsEnabled(LogLevel.Information))
                logger.LogInformation(
                    "{System}: links{Task} are loaded: {Files}",
                    _style.Name,
                    task is null ? "" : $" for {task}",
                    string.Join(", ", Files(edges, task)));
            return new LinkSet(CreateEngine(agents, outer), owned);
        }
        catch
        {
            owned.ForEach(link => link.Dispose());
            throw;
        }
    }

    /// <summary>The files of the links that are loaded, for the log.</summary>
    private IEnumerable<string> Files(MasEdge[] edges, string? task)
    {
        IEnumerable<string> inner = _agents.Values.Select(agent => agent.Folder.Describe(LinkLoader.FindInner(agent.Folder, task)));
        if (edges.Length == 0)
            return inner;
        CheckpointFolder links = _folder!.Require(_style.LinkRepository);
        IReadOnlyDictionary<string, string> files = LinkLoader.FindOuter(links, task);
        return inner.Concat(edges.Select(edge => links.Describe(files[edge.Key])));
    }

    private Dictionary<string, IAgent> WithGiven(IEnumerable<IAgent> loaded)
    {
        var agents = new Dictionary<string, IAgent>(_options.Agents, StringComparer.Ordinal);
        foreach (IAgent agent in loaded)
            agents.Add(agent.Name, agent);
        return agents;
    }

    private RecursionEngine CreateEngine(Dictionary<string, IAgent> agents, IReadOnlyDictionary<string, IRecursiveLink> outer) =>
        new(_style.Graph, agents, outer, _style.Schedule, _loggers.CreateLogger<RecursionEngine>());
}
