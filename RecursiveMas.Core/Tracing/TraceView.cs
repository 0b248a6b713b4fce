using System.Globalization;

namespace RecursiveMas.Tracing;

/// <summary>A run as the page needs it: agents in the order of a round, edges with their colours, what happened where.</summary>
internal sealed class TraceView
{
    /// <summary>Edges have this many colours; further ones use them again with broken lines.</summary>
    private const int Colours = 8;

    public TraceView(MasAnswer answer)
    {
        Answer = answer;
        // Senders come in the order of their stages; who only receives, and so only writes, comes last.
        Agents =
        [
            .. answer.Trace.Select(hop => hop.Agent).Concat(answer.Trace.Select(hop => hop.To)).Concat(answer.Stages.Select(stage => stage.Agent))
                .Distinct(StringComparer.Ordinal),
        ];
        Edges = [.. answer.Trace.DistinctBy(hop => hop.Edge)];
    }

    public MasAnswer Answer { get; }

    public IReadOnlyList<string> Agents { get; }

    /// <summary>The first hop over each edge.</summary>
    public IReadOnlyList<HopCrossed> Edges { get; }

    public bool HasVectors => Answer.Trace.Any(hop => hop.Dtype is not null && hop.Shape[0] > 0);

    public int Column(string agent) => Agents.TakeWhile(other => other != agent).Count();

    /// <summary>The classes of whatever is drawn in an edge's or agent's colour.</summary>
    public static string Colour(int index) => $"c{index % Colours}{(index < Colours ? "" : " dashed")}";

    public int IndexOf(HopCrossed hop) => Edges.TakeWhile(edge => edge.Edge != hop.Edge).Count();

    /// <summary>The round in which a hop's receiver reads it: against the order of agents it is the next.</summary>
    public int ReadIn(HopCrossed hop) => Column(hop.To) > Column(hop.Agent) ? hop.Round : hop.Round + 1;

    public static string Norm(double norm) => norm.ToString("G3", CultureInfo.InvariantCulture);

    public static string Time(TimeSpan time) => time.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##} s");

    public static string Size(HopCrossed hop) => hop.Text is { } text
        ? string.Create(CultureInfo.InvariantCulture, $"{text.Length} characters")
        : string.Join(" × ", hop.Shape.Select(size => size.ToString(CultureInfo.InvariantCulture)));
}
