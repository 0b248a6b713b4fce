using System.Text;
using RecursiveMas.Shared;
using RecursiveMas.Tracing;

namespace RecursiveMas;

/// <summary>The trace of a run for people and programs: a page of HTML, and lines of JSON.</summary>
/// <remarks>Safe for concurrent calls.</remarks>
public static class MasTrace
{
    /// <summary>A hop as one line of JSON, without a line break: round, ends, shape, element type, norms, cosine, time in seconds, text and read-out.</summary>
    /// <param name="hop">The hop.</param>
    public static string ToJson(HopCrossed hop)
    {
        ArgumentNullException.ThrowIfNull(hop);
        return HopLine.Of(hop);
    }

    /// <summary>
    /// Writes a page that shows a run: what crossed each edge in each round, norms, cosines and times, what the thoughts read like if that was asked for
    /// (<see cref="RunRequest.ReadOutTokens"/>), and the answer. The page stands alone: it has no script and loads nothing. Texts of question and models are
    /// shown as text, whatever they hold.
    /// </summary>
    /// <param name="answer">The answer with its trace.</param>
    /// <param name="writer">Receives the page; it stays the caller's.</param>
    public static void WriteHtml(MasAnswer answer, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(new TracePage(answer).ToMarkup().ToString());
    }

    /// <summary>Writes the page of <see cref="WriteHtml"/> into a file, UTF-8. A file that is there is replaced.</summary>
    /// <param name="answer">The answer with its trace.</param>
    /// <param name="file">Path of the file.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOptionException">The path is empty or none.</exception>
    /// <exception cref="CheckpointException">The file cannot be written; names it and the reason.</exception>
    public static Task WriteHtmlAsync(MasAnswer answer, string file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(file);
        string path = UserPath.Full(file, nameof(file)), page = new TracePage(answer).ToMarkup().ToString();
        return FileFaults.WriteAsync(path, () => File.WriteAllTextAsync(path, page, new UTF8Encoding(false), cancellationToken));
    }
}
