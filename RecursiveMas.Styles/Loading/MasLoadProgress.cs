namespace RecursiveMas;

/// <summary>How far loading has come.</summary>
/// <param name="Done">Parts that are loaded.</param>
/// <param name="Total">Parts in all: one for each agent, and one for the links.</param>
/// <param name="Part">
/// The part that was just loaded: the name of an agent, or "links". While weights are read (<see cref="Weights"/>), the agent whose weights they are.
/// </param>
public sealed record MasLoadProgress(int Done, int Total, string Part)
{
    /// <summary>
    /// How much of the weights of <see cref="Part"/> has been read; that part does not count as done yet. Null when no weights are being read.
    /// </summary>
    public ModelLoadProgress? Weights { get; init; }

    /// <summary>
    /// The download that goes before loading, while it runs; nothing is loaded then, and <see cref="Part"/> is the file that moved. Null otherwise.
    /// </summary>
    public DownloadProgress? Download { get; init; }
}
