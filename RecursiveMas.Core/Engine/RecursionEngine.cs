using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RecursiveMas.Runs;

namespace RecursiveMas;

/// <summary>Runs a question through a schedule: agents think, links carry their thoughts, the writer writes the answer.</summary>
/// <remarks>
/// Knows agents and links by their interfaces only and owns neither. Immutable; every run has a state of its own, so runs may overlap.
/// Prompts and texts are logged at Trace only, names and counts at Debug.
/// </remarks>
public sealed class RecursionEngine
{
    /// <summary>Most rounds of a run: far beyond any use, as the stages of a run are listed before it begins.</summary>
    public const int MaximumRounds = 10_000;

    private readonly ILogger _logger;

    /// <summary>Creates an engine and checks that agents and links fit the graph.</summary>
    /// <param name="graph">The system.</param>
    /// <param name="agents">An agent for each name of the graph.</param>
    /// <param name="links">The outer link of each edge, by the edge's key. May be empty if only the text channel is used.</param>
    /// <param name="schedule">The order of stages. Default: <see cref="RoundSchedule"/>.</param>
    /// <param name="logger">Receives names and counts at Debug. Default: none.</param>
    /// <exception cref="ArgumentNullException">The graph, the agents or the links are missing.</exception>
    /// <exception cref="GraphException">An agent is missing, a link belongs to no edge, or a link's width is not that of its edge.</exception>
    public RecursionEngine(
        MasGraph graph,
        IReadOnlyDictionary<string, IAgent> agents,
        IReadOnlyDictionary<string, IRecursiveLink> links,
        IRecursionSchedule? schedule = null,
        ILogger<RecursionEngine>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(agents);
        ArgumentNullException.ThrowIfNull(links);
        Graph = graph;
        Schedule = schedule ?? RoundSchedule.Instance;
        Parts = new SystemParts(agents, links);
        _logger = logger ?? NullLogger<RecursionEngine>.Instance;
        Check();
        Agents = new NamedParts<IAgent>("agent", graph.Agents, agents, "the system has none.");
        Links = new NamedParts<IRecursiveLink>(
            "link",
            graph.Edges.Select(edge => edge.Key),
            links,
            "the system was put together without links, for the text channel.");
    }

    /// <summary>The system.</summary>
    public MasGraph Graph { get; }

    /// <summary>The order of stages.</summary>
    public IRecursionSchedule Schedule { get; }

    /// <summary>
    /// The agents by name, in the order of the graph. A name that is not there raises a <see cref="GraphException"/> that lists those that are.
    /// </summary>
    public IReadOnlyDictionary<string, IAgent> Agents { get; }

    /// <summary>The outer links by the key of their edge, in the order of the graph's edges; empty in a system for the text channel.</summary>
    public IReadOnlyDictionary<string, IRecursiveLink> Links { get; }

    internal SystemParts Parts { get; }

    /// <summary>Takes a question through all rounds.</summary>
    /// <param name="request">Question and settings.</param>
    /// <param name="listener">Receives everything that happens, one call at a time, on computing threads; it must return quickly.</param>
    /// <param name="cancellationToken">Checked at each stage, prompt chunk, latent step and token.</param>
    /// <exception cref="ArgumentNullException">There is no request.</exception>
    /// <exception cref="InvalidOptionException">A setting is out of range.</exception>
    /// <exception cref="PromptException">The question is empty, or a prompt and the edges into its agent do not match.</exception>
    /// <exception cref="GraphException">The link of an edge is missing, or an agent that has to take latent steps cannot.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared; the exception names agent, round and step.</exception>
    public async Task<MasAnswer> RunAsync(RunRequest request, Action<MasUpdate>? listener = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        var telemetry = Telemetry.RunTelemetry.Begin(request);
        try
        {
            var run = new Engine.RecursionRun(this, request, telemetry, listener, _logger);
            await using (run.ConfigureAwait(false))
            {
                MasAnswer answer = await run.RunAsync(cancellationToken).ConfigureAwait(false);
                telemetry?.Complete(answer);
                return answer;
            }
        }
        catch (Exception error)
        {
            telemetry?.Fail(error);
            throw;
        }
    }

    private void Check()
    {
        foreach (string name in Graph.Agents)
        {
            if (Parts.Agents.GetValueOrDefault(name) is null)
                throw new GraphException($"The graph names the agent '{name}', but only these were given: {string.Join(", ", Parts.Agents.Keys)}.");
        }

        foreach ((string key, IRecursiveLink link) in Parts.Links)
        {
            if (link is null)
                throw new GraphException($"The link of the edge '{key}' is null. Leave it out, or give one.");
            MasEdge edge = Graph.Edges.FirstOrDefault(edge => edge.Key == key)
                ?? throw new GraphException(
                    $"A link has the key '{key}', which no edge has. Edges: {string.Join(", ", Graph.Edges.Select(edge => edge.Key))}.");
            (int from, int to) = (Parts.LatentAgent(edge.From).HiddenSize, Parts.LatentAgent(edge.To).HiddenSize);
            if (link.InputSize != from || link.OutputSize != to)
            {
                throw new GraphException(
                    $"The link of edge '{key}' maps width {link.InputSize} to {link.OutputSize}, but {edge.From} has width {from} and {edge.To} has " +
                    $"width {to}. " +
                    "Check that the link file belongs to this edge.");
            }
        }
    }

    private static void Check(RunRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Question?.Text))
            throw new PromptException("The question is empty. Give it some text.");
        if (request.Rounds is < 1 or > MaximumRounds)
            throw new InvalidOptionException(nameof(RunRequest.Rounds), $"{request.Rounds} is not possible; choose from 1 to {MaximumRounds}.");
        if (request.LatentSteps < 0)
            throw new InvalidOptionException(
                nameof(RunRequest.LatentSteps),
                $"{request.LatentSteps} is not possible; use 0 for empty blocks or a positive number.");
        if (request.MaxNewTokens < 1)
            throw new InvalidOptionException(nameof(RunRequest.MaxNewTokens), $"{request.MaxNewTokens} is not possible; at least 1 is needed.");
    }
}
