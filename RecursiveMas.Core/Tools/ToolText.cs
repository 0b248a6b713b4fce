namespace RecursiveMas.Tools;

/// <summary>A text that an agent wrote, with the results of its tools in it.</summary>
/// <param name="Written">The whole text; its token ids are those that the agent wrote.</param>
/// <param name="Said">What the agent itself wrote, without results: answers are read from this.</param>
internal sealed record ToolText(WrittenText Written, string Said)
{
    public bool LimitReached { get; init; }

    public bool OpenCall { get; init; }

    public bool ContextFull { get; init; }
}
