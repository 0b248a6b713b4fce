using Microsoft.Extensions.Logging;
using RecursiveMas.Runs;

namespace RecursiveMas.Tools;

/// <summary>A text that an agent wrote, with the results of its tools in it.</summary>
/// <param name="Written">The whole text; its token ids are those that the agent wrote.</param>
/// <param name="Said">What the agent itself wrote, without results: answers are read from this.</param>
internal sealed record ToolText(WrittenText Written, string Said)
{
    public bool LimitReached { get; init; }

    public bool OpenCall { get; init; }

    public bool ContextFull { get; init; }

    /// <summary>What became of the tools of the run; null if no agent had any.</summary>
    /// <param name="tools">The tools of each agent.</param>
    /// <param name="calls">Calls of tools by all agents.</param>
    /// <param name="logger">Receives a warning for each tool that could not be used.</param>
    public ToolUse? UseOf(IReadOnlyDictionary<string, AgentTools> tools, IReadOnlyList<ToolCallCompleted> calls, ILogger logger)
    {
        if (tools.Count == 0)
            return null;
        var unavailable = tools.Values.SelectMany(one => one.Unavailable).DistinctBy(tool => tool.Key).ToDictionary(StringComparer.Ordinal);
        foreach ((string tool, string reason) in unavailable)
            logger.LogWarning("The answer was written without the tool '{Tool}': {Reason}", tool, reason);
        return new ToolUse
        {
            Calls = calls,
            Unavailable = unavailable,
            LimitReached = LimitReached,
            OpenCall = OpenCall,
            ContextFull = ContextFull,
        };
    }
}
