namespace RecursiveMas.Runs;

/// <summary>The tools of one agent in one run.</summary>
/// <param name="Tools">The tools by name.</param>
/// <param name="Unavailable">Those that cannot be used, and why.</param>
/// <param name="Options">Limits of calls.</param>
internal sealed record AgentTools(IReadOnlyDictionary<string, IMasTool> Tools, IReadOnlyDictionary<string, string> Unavailable, ToolOptions Options)
{
    public IReadOnlyList<string> Names { get; } = [.. Tools.Keys];
}
