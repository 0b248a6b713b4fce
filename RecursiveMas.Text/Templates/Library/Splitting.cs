using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Cutting text into parts.</summary>
internal static class Splitting
{
    public static PyList Split(string text, string? separator, long limit)
    {
        var parts = new List<object?>();
        if (separator is null)
            SplitWords(text, limit, parts);
        else
            SplitAt(text, separator, limit, parts);
        return new PyList([.. parts]);
    }

    public static PyList SplitFromRight(string text, string? separator, long limit)
    {
        if (limit < 0)
            return Split(text, separator, limit);
        var parts = new List<object?>();
        if (separator is null)
            SplitWordsFromRight(text, limit, parts);
        else
            SplitAtFromRight(text, separator, limit, parts);
        parts.Reverse();
        return new PyList([.. parts]);
    }

    public static PyList Lines(string text, bool keepEnds)
    {
        var parts = new List<object?>();
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (!Characters.IsLineBreak(text[i]))
                continue;
            int end = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? i + 2 : i + 1;
            Add(parts, text[start..(keepEnds ? end : i)]);
            start = end;
            i = end - 1;
        }

        if (start < text.Length)
            Add(parts, text[start..]);
        return new PyList([.. parts]);
    }

    public static PyTuple Partition(string text, string separator, bool last)
    {
        if (separator.Length == 0)
            throw TemplateFault.ValueError("empty separator");
        int at = last ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0)
            return new PyTuple(last ? ["", "", text] : [text, "", ""]);
        RenderBudget.Text(text.Length);
        return new PyTuple([text[..at], separator, text[(at + separator.Length)..]]);
    }

    private static void Add(List<object?> parts, string part)
    {
        RenderBudget.Text(part.Length);
        RenderBudget.Items(1);
        parts.Add(part);
    }

    private static void SplitAt(string text, string separator, long limit, List<object?> parts)
    {
        int from = 0;
        for (int at = text.IndexOf(separator, StringComparison.Ordinal);
            at >= 0 && limit != 0;
            at = text.IndexOf(separator, from, StringComparison.Ordinal), limit--)
        {
            Add(parts, text[from..at]);
            from = at + separator.Length;
        }

        Add(parts, text[from..]);
    }

    private static void SplitAtFromRight(string text, string separator, long limit, List<object?> parts)
    {
        int to = text.Length;
        while (limit-- > 0)
        {
            int at = text.AsSpan(0, to).LastIndexOf(separator);
            if (at < 0)
                break;
            Add(parts, text[(at + separator.Length)..to]);
            to = at;
        }

        Add(parts, text[..to]);
    }

    private static void SplitWords(string text, long limit, List<object?> parts)
    {
        int i = 0;
        while (true)
        {
            while (i < text.Length && Characters.IsSpace(text[i]))
                i++;
            if (i == text.Length)
                return;
            int start = i;
            if (limit == 0)
            {
                Add(parts, text[start..]);
                return;
            }

            while (i < text.Length && !Characters.IsSpace(text[i]))
                i++;
            Add(parts, text[start..i]);
            limit--;
        }
    }

    private static void SplitWordsFromRight(string text, long limit, List<object?> parts)
    {
        int i = text.Length;
        while (true)
        {
            while (i > 0 && Characters.IsSpace(text[i - 1]))
                i--;
            if (i == 0)
                return;
            int end = i;
            if (limit-- == 0)
            {
                Add(parts, text[..end]);
                return;
            }

            while (i > 0 && !Characters.IsSpace(text[i - 1]))
                i--;
            Add(parts, text[i..end]);
        }
    }
}
