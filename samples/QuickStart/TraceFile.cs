using System.Text;

namespace RecursiveMas.QuickStart;

/// <summary>The file of a trace: lines, each as soon as its hop has happened, or the page of the last answer.</summary>
internal sealed class TraceFile : IDisposable
{
    // Without a buffer nothing is left that could fail to be written when the file is closed.
    private readonly FileStream _file;
    private readonly string _option, _path;

    /// <exception cref="TraceException">The file cannot be opened.</exception>
    public TraceFile(string option, string path)
    {
        (_option, _path) = (option, path);
        _file = Try(() => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));
    }

    /// <exception cref="TraceException">The line cannot be written.</exception>
    public void Write(HopCrossed hop) => Try(() =>
    {
        _file.Write(Encoding.UTF8.GetBytes(MasTrace.ToJson(hop) + Environment.NewLine));
        return true;
    });

    /// <summary>Replaces what the file holds.</summary>
    /// <exception cref="TraceException">The page cannot be written.</exception>
    public void Replace(MasAnswer answer) => Try(() =>
    {
        using var page = new StringWriter();
        MasTrace.WriteHtml(answer, page);
        // A pipe receives one page after another.
        if (_file.CanSeek)
            _file.Position = 0;
        _file.Write(Encoding.UTF8.GetBytes(page.ToString()));
        if (_file.CanSeek && _file.Length > _file.Position)
            _file.SetLength(_file.Position);
        return true;
    });

    public void Dispose() => _file.Dispose();

    private T Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TraceException($"{_option}: '{_path}' cannot be written: {error.Message}");
        }
    }
}
