namespace RecursiveMas.Loading;

/// <summary>What of a system is to be loaded, beside what its user gives.</summary>
internal static class Needs
{
    /// <summary>The roles whose models are to be loaded.</summary>
    public static IEnumerable<string> Agents(StyleDefinition style, MasOptions options) =>
        style.Graph.Agents.Where(agent => !options.Agents.ContainsKey(agent));

    /// <summary>The edges whose links are to be loaded. The text channel does without links.</summary>
    public static IEnumerable<MasEdge> Links(StyleDefinition style, MasOptions options) =>
        options.Channel == MasChannel.Text ? [] : style.Graph.Edges.Where(edge => !options.Links.ContainsKey(edge.Key));

    /// <summary>The repositories that hold them.</summary>
    public static IEnumerable<string> Repositories(StyleDefinition style, MasOptions options) =>
        [.. Agents(style, options).Select(style.RepositoryOf), .. Links(style, options).Any() ? new[] { style.LinkRepository } : []];
}
