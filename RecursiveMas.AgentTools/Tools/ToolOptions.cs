using System.Collections.ObjectModel;
using System.Text;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>The tools of a question's agents, and the limits of their calls.</summary>
/// <remarks>Values out of range raise <see cref="InvalidOptionException"/> where they are set, nulls <see cref="ArgumentNullException"/>.</remarks>
public sealed record ToolOptions
{
    /// <summary>Tools of the agent that writes the answer. Default: none.</summary>
    public IReadOnlyList<IMasTool> Tools { get; init => field = Checked(value, nameof(Tools)); } = [];

    /// <summary>
    /// Tools of single agents by their names, in place of <see cref="Tools"/> where the writer is among them. An agent uses tools where it writes: agents
    /// before the last write on the text channel only. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<IMasTool>> AgentTools
    {
        get;
        init
        {
            foreach (IReadOnlyList<IMasTool> tools in Given.NotNull(value, nameof(AgentTools)).Values)
                Checked(tools, nameof(AgentTools));
            field = value;
        }
    } = ReadOnlyDictionary<string, IReadOnlyList<IMasTool>>.Empty;

    /// <summary>Calls of one text, at least 0; on a further one the agent is told of the limit. Default: 5.</summary>
    public int MaxCalls { get; init => field = Given.AtLeast(0, value, nameof(MaxCalls)); } = 5;

    /// <summary>Characters of one result, counted in Unicode code points, at least 1; what is longer is cut. Default: 6000.</summary>
    public int MaxResultChars { get; init => field = Given.AtLeast(1, value, nameof(MaxResultChars)); } = 6000;

    /// <summary>The tools of an agent.</summary>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="writesAnswer">Whether it is the agent that writes the answer.</param>
    public IReadOnlyList<IMasTool> Of(string agent, bool writesAnswer) =>
        AgentTools.TryGetValue(Given.NotNull(agent), out IReadOnlyList<IMasTool>? own) ? own : writesAnswer ? Tools : [];

    /// <summary>What an agent is told of those of its tools that describe themselves, with how to call them and where their results stand.</summary>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="writesAnswer">Whether it is the agent that writes the answer.</param>
    /// <returns>Null if none of them describes itself.</returns>
    public string? Describe(string agent, bool writesAnswer)
    {
        IMasTool[] described = [.. Of(agent, writesAnswer).Where(tool => tool.Description is not null)];
        if (described.Length == 0)
            return null;
        var text = new StringBuilder("You can call tools while you write. To call one, write its input between its tags, and stop there. ");
        text.Append("The result then follows between <result> and </result>, and you go on.");
        foreach (IMasTool tool in described)
            text.Append($"\n<{tool.Name}> ... </{tool.Name}>: {tool.Description}");
        return text.ToString();
    }

    private static IReadOnlyList<IMasTool> Checked(IReadOnlyList<IMasTool>? tools, string option)
    {
        foreach (IMasTool tool in Given.AllNotNull(tools, option))
            ToolProtocol.RequireName(tool.Name, option);
        return tools.DistinctBy(tool => tool.Name).Count() == tools.Count
            ? tools
            : throw new InvalidOptionException(option, $"two tools have one name: {string.Join(", ", tools.Select(tool => tool.Name))}. Rename one of them.");
    }
}
