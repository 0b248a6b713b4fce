using System.Globalization;
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
                text.Append(Cell(table.Note)).Append("\n\n");
            Row(text, table.Columns);
            Row(text, [.. table.Columns.Select(_ => "---")]);
            foreach (IReadOnlyList<string> row in table.Rows)
                Row(text, row);
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(Cell)).Append(" |\n");

    /// <summary>Text of anybody as text: nothing of it ends a cell, is a link or markup, or turns the writing.</summary>
    private static string Cell(string text)
    {
        var cell = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsControl(c))
                cell.Append(' ');
            else if (char.GetUnicodeCategory(c) == UnicodeCategory.Format)
                cell.Append('\uFFFD');
            else if (c is '\\' or '|' or '<' or '>' or '[' or ']' or '`' or '*' or '&' or '~' or '$' or '@' || EndsWord(text, i) || BeginsAddress(text, i))
                cell.Append('\\').Append(c);
            else
                cell.Append(c);
        }

        return cell.ToString();
    }

    /// <summary>Whether an underscore stands at the end of a word, where it is markup: inside of one it is none.</summary>
    private static bool EndsWord(string text, int at) =>
        text[at] == '_' && !(at > 0 && at + 1 < text.Length && char.IsLetterOrDigit(text[at - 1]) && char.IsLetterOrDigit(text[at + 1]));

    /// <summary>Whether a mark makes an address of what stands around it: "https://", "www.".</summary>
    private static bool BeginsAddress(string text, int at) =>
        (text[at] == ':' && text.AsSpan(at).StartsWith("://", StringComparison.Ordinal))
            || (text[at] == '.' && text.AsSpan(0, at).EndsWith("www", StringComparison.OrdinalIgnoreCase));
}
