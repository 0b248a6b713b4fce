namespace RecursiveMas;

/// <summary>A judge of answers does not work. The message names it and what went wrong.</summary>
public class AnswerJudgeException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which judge it is, and what went wrong.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public AnswerJudgeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
