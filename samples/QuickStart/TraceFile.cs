using System.Text;

namespace RecursiveMas.QuickStart;

/// <summary>The file of a trace: each line is in it as soon as its hop has happened.</summary>
internal sealed class TraceFile : IDisposable
{
    // Without a buffer nothing is left that could fail to be written when the file is closed.
    private readonly FileStream _file;

    /// <exception cref="TraceException">The file cannot be opened.</exception>
    public TraceFile(string path) => _file = Try(() => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));

    /// <exception cref="TraceException">The line cannot be written.</exception>
    public void Write(HopCrossed hop) => Try(() =>
    {
        _file.Write(Encoding.UTF8.GetBytes(HopJson.Of(hop) + Environment.NewLine));
        return true;
    });

    public void Dispose() => _file.Dispose();

    private static T Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TraceException(error.Message);
        }
    }
}
