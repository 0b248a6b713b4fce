namespace RecursiveMas;

/// <summary>Results of a run cannot be read, or belong to another run: the message names the file, what is wrong with it, and the fix.</summary>
public sealed class ResultsException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">The file or folder that is at fault.</param>
    /// <param name="reason">What is wrong with it and what to do, without the file's name.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public ResultsException(string file, string reason, Exception? innerException = null)
        : base($"{file}: {reason}", innerException)
    {
        File = file;
    }

    /// <summary>The file or folder that is at fault.</summary>
    public string File { get; }
}
