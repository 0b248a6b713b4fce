using System.Text.Json.Serialization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>Element type in which a block travels over an edge.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HopDtype>))]
public enum HopDtype
{
    /// <summary>float32, whatever the agents use.</summary>
    Float32,

    /// <summary>The element type of the sender's input embeddings.</summary>
    SenderEmbedding,
}

/// <summary>A connection that carries thoughts from one agent to another.</summary>
/// <param name="Key">Key of the edge in link manifests, unique in its graph, for example "outer_12".</param>
/// <param name="From">Name of the sender.</param>
/// <param name="To">Name of the receiver.</param>
/// <param name="Slot">Name of the slot in the receiver's prompt.</param>
public sealed record MasEdge(string Key, string From, string To, string Slot)
{
    /// <summary>Key of the edge in link manifests.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Key { get; init => field = Given.NotNull(value, nameof(Key)); } = Given.NotNull(Key);

    /// <summary>Name of the sender.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string From { get; init => field = Given.NotNull(value, nameof(From)); } = Given.NotNull(From);

    /// <summary>Name of the receiver.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string To { get; init => field = Given.NotNull(value, nameof(To)); } = Given.NotNull(To);

    /// <summary>Name of the slot in the receiver's prompt.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Slot { get; init => field = Given.NotNull(value, nameof(Slot)); } = Given.NotNull(Slot);

    /// <summary>Element type in transit. Default: float32.</summary>
    /// <exception cref="InvalidOptionException">There is no such type.</exception>
    public HopDtype Hop { get; init => field = Given.Defined(value, nameof(Hop)); } = HopDtype.Float32;
}

/// <summary>A system as data: its agents, the edges between them, the stages of a round and the agent that writes the answer.</summary>
public sealed record MasGraph
{
    /// <summary>Creates and checks a graph.</summary>
    /// <param name="stages">The agents of each stage of a round, in order. Agents of one stage do not see each other's thoughts of that round.</param>
    /// <param name="edges">The edges. An edge against the order of stages carries thoughts into the next round.</param>
    /// <param name="writer">The agent that writes the answer after the last round; it stands alone in its stage.</param>
    /// <exception cref="GraphException">
    /// An agent stands in two stages, an edge names an unknown agent, a slot is filled twice, or the writer is unknown or not alone.
    /// </exception>
    public MasGraph(IReadOnlyList<IReadOnlyList<string>> stages, IReadOnlyList<MasEdge> edges, string writer)
    {
        Stages = Given.NotNull(stages);
        Edges = Given.NotNull(edges);
        Writer = Given.NotNull(writer);
        if (stages.Any(stage => stage is null || stage.Contains(null!)) || edges.Contains(null!))
            throw new GraphException("A stage, an agent's name or an edge is null. Leave it out.");
        Agents = [.. stages.SelectMany(stage => stage)];
        Check();
    }

    /// <summary>The agents of each stage of a round, in order.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Stages { get; }

    /// <summary>The edges.</summary>
    public IReadOnlyList<MasEdge> Edges { get; }

    /// <summary>The agent that writes the answer.</summary>
    public string Writer { get; }

    /// <summary>All agents in the order of their stages.</summary>
    public IReadOnlyList<string> Agents { get; }

    /// <summary>Edges that end at an agent.</summary>
    /// <param name="agent">Name of the agent.</param>
    public IEnumerable<MasEdge> EdgesInto(string agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return Edges.Where(edge => edge.To == agent);
    }

    /// <summary>Edges that begin at an agent.</summary>
    /// <param name="agent">Name of the agent.</param>
    public IEnumerable<MasEdge> EdgesFrom(string agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return Edges.Where(edge => edge.From == agent);
    }

    private void Check()
    {
        if (Twice(Agents) is { } agent)
            throw new GraphException($"The agent '{agent}' stands in two stages. Give each agent one place in a round.");
        if (Twice(Edges.Select(edge => edge.Key)) is { } key)
            throw new GraphException($"Two edges have the key '{key}'. Keys tell links apart and must differ.");
        if (Twice(Edges.Select(edge => $"{edge.To}.{edge.Slot}")) is { } slot)
            throw new GraphException($"Two edges fill the slot '{slot}'. Give each edge a slot of its own.");
        foreach (MasEdge edge in Edges)
        {
            foreach (string end in new[] { edge.From, edge.To })
            {
                if (!Agents.Contains(end))
                    throw new GraphException($"The edge '{edge.Key}' names the agent '{end}', which stands in no stage. Agents: {string.Join(", ", Agents)}.");
            }
        }

        IReadOnlyList<string>? last = Stages.FirstOrDefault(stage => stage.Contains(Writer));
        if (last is null)
            throw new GraphException($"The writer '{Writer}' stands in no stage. Agents: {string.Join(", ", Agents)}.");
        if (last.Count != 1)
            throw new GraphException(
                $"The writer '{Writer}' shares its stage with {string.Join(", ", last.Where(name => name != Writer))}. Give it a stage of its own.");
    }

    private static string? Twice(IEnumerable<string> names) =>
        names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
}
