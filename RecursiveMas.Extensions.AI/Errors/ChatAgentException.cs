namespace RecursiveMas;

/// <summary>The chat client of a <see cref="ChatAgent"/> failed, or ended a text for a reason that no answer can be made of.</summary>
public class ChatAgentException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="reason">What happened, and what to do.</param>
    /// <param name="innerException">The client's exception, if it raised one.</param>
    public ChatAgentException(string agent, string reason, Exception? innerException = null)
        : base($"The chat client of the agent '{agent}' {reason}", innerException) => Agent = agent;

    /// <summary>Name of the agent.</summary>
    public string Agent { get; }
}
