namespace RecursiveMas;

/// <summary>How far loading has come.</summary>
/// <param name="Done">Parts that are loaded.</param>
/// <param name="Total">Parts in all: one for each agent, and one for the links.</param>
/// <param name="Part">The part that was just loaded: the name of an agent, or "links".</param>
public sealed record MasLoadProgress(int Done, int Total, string Part)
{
    /// <summary>The download that goes before loading, while it runs; nothing is loaded then, and <see cref="Part"/> is the file that moved. Null otherwise.</summary>
    public DownloadProgress? Download { get; init; }
}
