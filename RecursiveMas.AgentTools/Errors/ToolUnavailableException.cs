namespace RecursiveMas;

/// <summary>A tool cannot be used here: a key is missing, an interpreter, a folder. The message names the tool, the reason and the fix.</summary>
public class ToolUnavailableException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="tool">Name of the tool.</param>
    /// <param name="reason">What is missing, and how to get it.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public ToolUnavailableException(string tool, string reason, Exception? innerException = null)
        : base($"The tool '{tool}' is not available: {reason}", innerException)
    {
        Tool = tool;
        Reason = reason;
    }

    /// <summary>Name of the tool.</summary>
    public string Tool { get; }

    /// <summary>What is missing, and how to get it.</summary>
    public string Reason { get; }
}
