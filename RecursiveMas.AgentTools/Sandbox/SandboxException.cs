namespace RecursiveMas;

/// <summary>Code was not run, because this system cannot keep it in. The message says what is missing and how to get it.</summary>
public class SandboxException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing, and how to get it.</param>
    /// <param name="report">What is enforced here; null if nothing could be tried.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public SandboxException(string message, SandboxReport? report = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Report = report;
    }

    /// <summary>What is enforced here; null if nothing could be tried.</summary>
    public SandboxReport? Report { get; }
}
