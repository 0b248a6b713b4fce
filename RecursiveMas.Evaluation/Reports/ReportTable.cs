namespace RecursiveMas.Reports;

/// <summary>A table of a report.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Note">What to know before reading it; empty for nothing.</param>
/// <param name="Columns">Heads of its columns.</param>
/// <param name="Rows">Its rows, a text a column.</param>
/// <param name="IsLong">Whether a reader wants to see it only when asked for.</param>
internal sealed record ReportTable(string Title, string Note, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, bool IsLong = false);
