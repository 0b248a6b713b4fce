namespace RecursiveMas;

/// <summary>What an agent wrote for a tool is not what the tool takes. In a run the agent reads the reason as the result, and may call again.</summary>
public class ToolInputException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="tool">Name of the tool.</param>
    /// <param name="reason">What is wrong, and what the tool takes.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public ToolInputException(string tool, string reason, Exception? innerException = null)
        : base($"The tool '{tool}' cannot take this input: {reason}", innerException)
    {
        Tool = tool;
        Reason = reason;
    }

    /// <summary>Name of the tool.</summary>
    public string Tool { get; }

    /// <summary>What is wrong, and what the tool takes.</summary>
    public string Reason { get; }
}
