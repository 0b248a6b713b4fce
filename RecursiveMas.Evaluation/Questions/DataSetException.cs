namespace RecursiveMas;

/// <summary>A data set or a file of questions cannot be used. The message names it, what is wrong, and the fix.</summary>
public class DataSetException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="source">Data set or file, with the line or row where there is one.</param>
    /// <param name="reason">What is wrong with it and what to do, without its name.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public DataSetException(string source, string reason, Exception? innerException = null)
        : base($"{source}: {reason}", innerException)
    {
        SourceName = source;
    }

    /// <summary>Data set or file.</summary>
    public string SourceName { get; }
}
