using System.Text;

namespace RecursiveMas.Reports;

/// <summary>A report as Markdown.</summary>
internal static class MarkdownReport
{
    public static string Of(ReportTables tables)
    {
        var text = new StringBuilder($"# {Cell(tables.Title)}\n\n");
        foreach ((string name, string value) in tables.Facts)
            text.Append($"* {name}: {Cell(value)}\n");
        foreach (ReportTable table in tables.All())
        {
            text.Append($"\n## {Cell(table.Title)}\n\n");
            if (table.Note.Length > 0)
                text.Append(table.Note).Append("\n\n");
            Row(text, table.Columns);
            Row(text, [.. table.Columns.Select(_ => "---")]);
            foreach (IReadOnlyList<string> row in table.Rows)
                Row(text, row);
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(Cell)).Append(" |\n");

    /// <summary>Text of anybody as text: nothing of it ends a cell, or is a link or markup.</summary>
    private static string Cell(string text)
    {
        var cell = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (char.IsControl(c))
                cell.Append(' ');
            else if (c is '\\' or '|' or '<' or '>' or '[' or ']' or '`' or '*' or '&')
                cell.Append('\\').Append(c);
            else
                cell.Append(c);
        }

        return cell.ToString();
    }
}
