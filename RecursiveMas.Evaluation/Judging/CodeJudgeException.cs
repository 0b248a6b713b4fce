namespace RecursiveMas;

/// <summary>Programs cannot be judged on this system, whatever they are. The message says what is missing and how to get it.</summary>
public class CodeJudgeException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing, and how to get it.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public CodeJudgeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
