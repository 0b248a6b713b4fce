namespace RecursiveMas;

/// <summary>Base of every exception that RecursiveMas raises on purpose. The message names the thing, the file where there is one, and the fix.</summary>
public abstract class RecursiveMasException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, where, and what to do.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    protected RecursiveMasException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>A file of a checkpoint is missing, damaged, hostile or does not fit: the message names the file, the thing and the fix.</summary>
public class CheckpointException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">The file or folder that is at fault.</param>
    /// <param name="reason">What is wrong with it and what to do, without the file's name.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public CheckpointException(string file, string reason, Exception? innerException = null)
        : base($"{file}: {reason}", innerException)
    {
        File = file;
    }

    /// <summary>The file or folder that is at fault.</summary>
    public string File { get; }
}

/// <summary>A model, link, tokenizer or template asks for something that this library does not know: the message names it and lists what is known.</summary>
public class UnsupportedCheckpointException : CheckpointException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">The file that names the unknown thing.</param>
    /// <param name="reason">What is not supported and what is.</param>
    public UnsupportedCheckpointException(string file, string reason)
        : base(file, reason)
    {
    }
}

/// <summary>An option or argument has a value that cannot work.</summary>
public class InvalidOptionException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="option">Name of the option as the user writes it.</param>
    /// <param name="reason">Why the value cannot work and which values can.</param>
    public InvalidOptionException(string option, string reason)
        : base($"{option}: {reason}")
    {
        Option = option;
    }

    /// <summary>Name of the option as the user writes it.</summary>
    public string Option { get; }
}

/// <summary>The parts of a system do not fit together: a missing link, a width that does not match its edge, an unknown agent in a schedule.</summary>
public class GraphException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which edge, agent or slot, both sides of the mismatch, and the fix.</param>
    public GraphException(string message)
        : base(message)
    {
    }
}

/// <summary>A prompt cannot be used: empty, longer than the model's positions, or without the slot that an edge fills.</summary>
public class PromptException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which prompt, what is wrong and the fix.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public PromptException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>NaN or infinity appeared in latent states.</summary>
public class NonFiniteException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="where">What was being computed, for example the agent's thoughts or an edge.</param>
    /// <param name="agent">The agent whose states are not finite.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="step">The latent step, from 1.</param>
    public NonFiniteException(string where, string agent, int round, int step)
        : base($"{where}: NaN or infinity at agent '{agent}', round {round}, latent step {step}. " +
               "Check the weights and links of this agent, or run it in float32.")
    {
        Agent = agent;
        Round = round;
        Step = step;
    }

    /// <summary>The agent whose states are not finite.</summary>
    public string Agent { get; }

    /// <summary>The round, from 1.</summary>
    public int Round { get; }

    /// <summary>The latent step, from 1.</summary>
    public int Step { get; }
}

/// <summary>libtorch, or the part of it that TorchSharp needs, is missing or cannot be loaded.</summary>
public class NativeLibraryException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which library, why, and the package that brings it.</param>
    /// <param name="innerException">The loader's own error.</param>
    public NativeLibraryException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>What is to be loaded needs more memory than there is: the message has both numbers and the ways out.</summary>
public class NotEnoughMemoryException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What needs the memory, both numbers, and the ways out.</param>
    /// <param name="needed">Bytes that are needed.</param>
    /// <param name="available">Bytes that are available.</param>
    public NotEnoughMemoryException(string message, long needed, long available)
        : base(message)
    {
        Needed = needed;
        Available = available;
    }

    /// <summary>Bytes that are needed at most at a time, by the estimate.</summary>
    public long Needed { get; }

    /// <summary>Bytes that the process can still take.</summary>
    public long Available { get; }
}

/// <summary>Something that waits for a thread that computes was asked for on that thread.</summary>
public class ReentrantCallException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was asked for, and what to do instead.</param>
    public ReentrantCallException(string message)
        : base(message)
    {
    }
}
