using System.Text;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Filling text up to a width in code points.</summary>
internal static class Padding
{
    public static string Pad(string text, long left, long right, string fill)
    {
        if (left <= 0 && right <= 0)
            return text;
        string result = string.Concat(Texts.Repeat(fill, left), text, Texts.Repeat(fill, right));
        RenderBudget.Text(result.Length);
        return result;
    }

    public static string Center(string text, long width, string fill)
    {
        long margin = width - Texts.Length(text);
        if (margin <= 0)
            return text;
        // Where the margin is odd, Python puts the larger half left only if the width is odd too.
        long left = margin / 2 + (margin & width & 1);
        return Pad(text, left, margin - left, fill);
    }

    public static string ZeroFill(string text, long width)
    {
        long missing = width - Texts.Length(text);
        if (missing <= 0)
            return text;
        return text.StartsWith('+') || text.StartsWith('-') ? text[0] + Pad(text[1..], missing, 0, "0") : Pad(text, missing, 0, "0");
    }

    public static string ExpandTabs(string text, long size)
    {
        var result = new StringBuilder();
        long column = 0;
        foreach (char c in text)
        {
            if (c == '\t')
            {
                long count = size > 0 ? size - column % size : 0;
                result.Append(Texts.Repeat(" ", count));
                column += count;
                continue;
            }

            result.Append(c);
            column = c is '\n' or '\r' ? 0 : column + (char.IsLowSurrogate(c) ? 0 : 1);
        }

        return result.ToString();
    }
}
