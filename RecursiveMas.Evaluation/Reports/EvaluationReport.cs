using System.Text;
using RecursiveMas.Reports;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>The report of a run, as Markdown and as a page of HTML.</summary>
/// <remarks>Both say the same: scores with intervals, comparison question by question, costs, published figures beside ours, the manifest. The
/// page has plots, too.</remarks>
public static class EvaluationReport
{
    /// <summary>Names of the files that <see cref="WriteAsync"/> writes.</summary>
    public const string MarkdownFile = "report.md", HtmlFile = "report.html";

    /// <summary>Writes the report as Markdown.</summary>
    /// <param name="result">The run.</param>
    /// <param name="writer">Receives it; it stays the caller's.</param>
    /// <param name="others">Further runs whose figures stand beside published ones. Default: none.</param>
    public static void WriteMarkdown(EvaluationResult result, TextWriter writer, IReadOnlyList<EvaluationResult>? others = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(MarkdownReport.Of(new ReportTables(result, others ?? [])));
    }

    /// <summary>Writes the report as a page that stands alone: it has no script and loads nothing.</summary>
    /// <param name="result">The run.</param>
    /// <param name="writer">Receives it; it stays the caller's.</param>
    /// <param name="others">Further runs whose figures stand beside published ones. Default: none.</param>
    public static void WriteHtml(EvaluationResult result, TextWriter writer, IReadOnlyList<EvaluationResult>? others = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(new ReportPage(result, new ReportTables(result, others ?? [])).ToMarkup().ToString());
    }

    /// <summary>Writes both into a folder; files that are there are replaced.</summary>
    /// <param name="result">The run.</param>
    /// <param name="folder">The folder, usually that of the run.</param>
    /// <param name="others">Further runs whose figures stand beside published ones. Default: none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CheckpointException">A file cannot be written.</exception>
    public static async Task WriteAsync(
        EvaluationResult result, string folder, IReadOnlyList<EvaluationResult>? others = null, CancellationToken cancellationToken = default)
    {
        using var markdown = new StringWriter();
        using var html = new StringWriter();
        WriteMarkdown(result, markdown, others);
        WriteHtml(result, html, others);
        string full = UserPath.Full(folder, nameof(folder));
        await SaveAsync(Path.Combine(full, MarkdownFile), markdown, cancellationToken).ConfigureAwait(false);
        await SaveAsync(Path.Combine(full, HtmlFile), html, cancellationToken).ConfigureAwait(false);
    }

    private static Task SaveAsync(string path, StringWriter text, CancellationToken cancellationToken) =>
        FileFaults.WriteAsync(path, () => File.WriteAllTextAsync(path, $"{text}", new UTF8Encoding(false), cancellationToken));
}
