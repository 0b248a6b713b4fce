using System.Text.Json.Serialization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What the agents of a stage do.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StageAction>))]
public enum StageAction
{
    /// <summary>A latent rollout whose block is passed on.</summary>
    Think,

    /// <summary>Decoding of text.</summary>
    Write,
}

/// <summary>One stage of a run.</summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="Action">What the agents do.</param>
/// <param name="Agents">The agents that act, without seeing each other's results.</param>
public sealed record RecursionStage(int Round, StageAction Action, IReadOnlyList<string> Agents)
{
    /// <summary>What the agents do.</summary>
    /// <exception cref="InvalidOptionException">There is no such action.</exception>
    public StageAction Action { get; init => field = Given.Defined(value, nameof(Action)); } = Given.Defined(Action, nameof(Action));

    /// <summary>The agents that act, without seeing each other's results.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<string> Agents { get; init => field = Given.NotNull(value, nameof(Agents)); } = Given.NotNull(Agents);
}

/// <summary>The order in which agents think and write.</summary>
/// <remarks>Stateless and safe for concurrent calls.</remarks>
public interface IRecursionSchedule
{
    /// <summary>The stages of a run, in order. The last one writes the answer; no other stage writes.</summary>
    /// <param name="graph">The system.</param>
    /// <param name="rounds">Number of rounds, at least 1.</param>
    IEnumerable<RecursionStage> GetStages(MasGraph graph, int rounds);
}

/// <summary>Every stage of the graph thinks once a round; in the last round the writer writes instead and the run ends there.</summary>
public sealed class RoundSchedule : IRecursionSchedule
{
    /// <summary>The schedule. It has no state.</summary>
    public static RoundSchedule Instance { get; } = new();

    /// <inheritdoc/>
    public IEnumerable<RecursionStage> GetStages(MasGraph graph, int rounds)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Given.AtLeast(1, rounds, nameof(rounds));
        return Stages(graph, rounds);
    }

    private static IEnumerable<RecursionStage> Stages(MasGraph graph, int rounds)
    {
        for (int round = 1; round <= rounds; round++)
        {
            foreach (IReadOnlyList<string> agents in graph.Stages)
            {
                bool writes = round == rounds && agents.Contains(graph.Writer);
                yield return new RecursionStage(round, writes ? StageAction.Write : StageAction.Think, agents);
                if (writes)
                    yield break;
            }
        }
    }
}
