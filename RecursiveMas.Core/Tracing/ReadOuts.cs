using RecursiveMas.Shared;

namespace RecursiveMas.Tracing;

/// <summary>What thoughts read like: for each latent step the tokens near to it.</summary>
internal static class ReadOuts
{
    public static Markup Of(IReadOnlyList<HopCrossed> hops)
    {
        // A thought that goes to several agents is one thought.
        HopCrossed[] thoughts = [.. hops.Where(hop => hop.ReadOut is { Count: > 0 }).DistinctBy(hop => (hop.Agent, hop.Round))];
        var section = new Markup();
        if (thoughts.Length == 0)
            return section;
        section.Add($"""
            <section><h2>What thoughts read like</h2>
            <p class="note">For each latent step the tokens that the agent's own output head finds most likely. Nobody wrote them: they only show where a vector
            lies.</p>

            """);
        foreach (IGrouping<int, HopCrossed> round in thoughts.GroupBy(thought => thought.Round))
        {
            section.Add($"""
                <details{new Markup().AddOwn(round.Key == thoughts[0].Round ? " open" : "")}><summary>round {round.Key}</summary>
                <div class="agents">{Markup.Each(round, Thought)}</div></details>

                """);
        }

        return section.Add($"</section>\n");
    }

    private static FormattableString Thought(HopCrossed thought) => $"""
        <table class="thoughts"><caption>{thought.Agent}</caption><tbody>
        {Markup.Each(thought.ReadOut!.Index(), step => $"<tr><th>{step.Index + 1}</th><td>{Markup.Each(step.Item, Token)}</td></tr>")}</tbody></table>

        """;

    private static FormattableString Token(NearToken token) => $"""
        <span class="token" title="id {token.Id}, probability {token.Probability:0.####}"><bdi>{Shown(token.Text)}</bdi>
        <small>{token.Probability:0%}</small></span>

        """;

    private static string Shown(string text) => text.Length == 0 ? "∅" : text.Replace(' ', '␣').Replace('\n', '↵').Replace('\t', '⇥');
}
