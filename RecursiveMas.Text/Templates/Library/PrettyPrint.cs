using System.Text;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>pprint.pformat: repr with sorted keys, broken into lines of 80 columns where it is longer.</summary>
internal sealed class PrettyPrint
{
    private const int Width = 80;

    private readonly StringBuilder _text = new();

    private PrettyPrint()
    {
    }

    public static string Format(object? value)
    {
        var printer = new PrettyPrint();
        printer.Append(Sorted(value), 0, 0, top: true);
        return printer._text.ToString();
    }

    /// <param name="value">A value with sorted keys.</param>
    /// <param name="indent">Columns before it.</param>
    /// <param name="allowance">Columns that what follows on its last line needs.</param>
    /// <param name="top">Not inside another value.</param>
    private void Append(object? value, int indent, int allowance, bool top)
    {
        using StackGuard.Level level = StackGuard.Deeper();
        string repr = Printing.Repr(value);
        bool fits = Texts.Length(repr) <= Width - indent - allowance;
        switch (value)
        {
            case PyDict { Count: > 0 } dict when !fits:
                AppendDict(dict, indent, allowance + 1);
                break;
            case PyList list when !fits:
                AppendItems('[', list.Items, "]", indent, allowance);
                break;
            case PyTuple tuple when !fits:
                AppendItems('(', tuple.Items, tuple.Items.Length == 1 ? ",)" : ")", indent, allowance);
                break;
            case string { Length: > 0 } text when !fits:
                AppendText(text, indent, allowance, top);
                break;
            default:
                _text.Append(repr);
                break;
        }
    }

    private void AppendDict(PyDict dict, int indent, int allowance)
    {
        _text.Append('{');
        for (int i = 0; i < dict.Count; i++)
        {
            string key = Printing.Repr(dict.KeyAt(i));
            if (i > 0)
                NewLine(",", indent + 1);
            _text.Append(key).Append(": ");
            Append(dict.ValueAt(i), indent + 1 + Texts.Length(key) + 2, i == dict.Count - 1 ? allowance : 1, top: false);
        }

        _text.Append('}');
    }

    private void AppendItems(char open, object?[] items, string close, int indent, int allowance)
    {
        _text.Append(open);
        for (int i = 0; i < items.Length; i++)
        {
            if (i > 0)
                NewLine(",", indent + 1);
            Append(items[i], indent + 1, i == items.Length - 1 ? allowance + close.Length : 1, top: false);
        }

        _text.Append(close);
    }

    private void AppendText(string text, int indent, int allowance, bool top)
    {
        if (top)
        {
            indent++;
            allowance++;
        }

        List<string> chunks = Chunks(text, Width - indent, allowance);
        if (chunks.Count == 1)
        {
            _text.Append(chunks[0]);
            return;
        }

        _text.Append(top ? "(" : "");
        for (int i = 0; i < chunks.Count; i++)
        {
            if (i > 0)
                NewLine("", indent);
            _text.Append(chunks[i]);
        }

        _text.Append(top ? ")" : "");
    }

    private static List<string> Chunks(string text, int width, int allowance)
    {
        object?[] lines = Splitting.Lines(text, keepEnds: true).Items;
        var chunks = new List<string>();
        for (int i = 0; i < lines.Length; i++)
        {
            string line = (string)lines[i]!;
            bool lastLine = i == lines.Length - 1;
            string repr = Printing.Repr(line);
            if (Texts.Length(repr) <= (lastLine ? width - allowance : width))
                chunks.Add(repr);
            else
                AddWords(chunks, line, width, lastLine ? allowance : 0);
        }

        return chunks;
    }

    private static void AddWords(List<string> chunks, string line, int width, int allowance)
    {
        string current = "";
        for (int start = 0; start < line.Length;)
        {
            int end = start;
            while (end < line.Length && !Characters.IsSpace(line[end]))
                end++;
            while (end < line.Length && Characters.IsSpace(line[end]))
                end++;
            string candidate = current + line[start..end];
            RenderBudget.Text(candidate.Length);
            bool fits = Texts.Length(Printing.Repr(candidate)) <= (end == line.Length ? width - allowance : width);
            if (!fits && current.Length > 0)
                chunks.Add(Printing.Repr(current));
            current = fits ? candidate : line[start..end];
            start = end;
        }

        if (current.Length > 0)
            chunks.Add(Printing.Repr(current));
    }

    private void NewLine(string end, int indent)
    {
        RenderBudget.Text(indent);
        _text.Append(end).Append('\n').Append(' ', indent);
    }

    private static object? Sorted(object? value)
    {
        using StackGuard.Level level = StackGuard.Deeper();
        switch (value)
        {
            case PySequence sequence:
                RenderBudget.Items(sequence.Items.Length);
                return sequence.With(Array.ConvertAll(sequence.Items, Sorted));
            case PyDict dict:
                RenderBudget.Items(4L * dict.Count);
                var sorted = new PyDict(dict.Count);
                foreach ((object? key, object? item) in Sorting.Sort([.. dict.Entries], e => e.Key, reverse: false, SafeLess))
                    sorted.Set(key, Sorted(item));
                return sorted;
            default:
                return value;
        }
    }

    /// <summary>Keys that cannot be compared are ordered by their type.</summary>
    private static bool SafeLess(object? left, object? right)
    {
        bool comparable = Numbers.Is(left) && Numbers.Is(right)
            || Texts.TryGet(left, out _) && Texts.TryGet(right, out _)
            || left is PyTuple && right is PyTuple;
        return comparable ? Comparison.Less(left, right) : string.CompareOrdinal(TypeNames.Of(left), TypeNames.Of(right)) < 0;
    }
}
