using Microsoft.Extensions.Logging;
using RecursiveMas.Links;

namespace RecursiveMas.Loading;

/// <summary>Models of a system in memory, and its sets of links, which load when a kind of question first needs them.</summary>
internal sealed class LoadedSystem : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StyleDefinition _style;
    private readonly MasOptions _options;
    private readonly SystemFolder? _folder;
    private readonly IReadOnlyDictionary<string, AgentModel> _agents;
    private readonly ILoggerFactory _loggers;
    private readonly Dictionary<string, LinkSet> _sets = new(StringComparer.Ordinal);
    private LinkSet? _textOnly;

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
    }

    public IReadOnlyDictionary<string, AgentModel> Agents => _agents;

    /// <summary>The engine for a kind of question and a channel.</summary>
    /// <exception cref="CheckpointException">A link is missing or does not fit, or there are no links for this kind.</exception>
    public RecursionEngine Engine(TaskKind kind, MasChannel channel)
    {
        lock (_gate)
        {
            if (channel == MasChannel.Text)
                return (_textOnly ??= new LinkSet(CreateEngine(new Dictionary<string, AdapterLink>(), new Dictionary<string, IRecursiveLink>()), [])).Engine;
            string task = _style.LinksByTask ? TaskOf(kind) : "";
            if (!_sets.TryGetValue(task, out LinkSet? set))
                _sets.Add(task, set = LoadLinks(_style.LinksByTask ? task : null));
            return set.Engine;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (LinkSet set in _sets.Values)
                set.Dispose();
            _sets.Clear();
            foreach (StepScheduler steps in _agents.Values.Select(agent => agent.Steps).Distinct())
            {
                steps.Dispose();
                steps.Model.Dispose();
            }
        }
    }

    /// <summary>Code has links of its own; every other kind uses those of math.</summary>
    private static string TaskOf(TaskKind kind) => kind == TaskKind.Code ? "code" : "math";

    private LinkSet LoadLinks(string? task)
    {
        SystemFolder folder = _folder
            ?? throw new InvalidOptionException(nameof(MasOptions.Channel), "this system is one model in all roles, without links; it can only use the text channel.");
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
