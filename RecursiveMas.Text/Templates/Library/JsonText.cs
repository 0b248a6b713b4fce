using System.Globalization;
using System.Numerics;
using System.Text;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>json.dumps, which the filter "tojson" calls.</summary>
internal sealed class JsonText
{
    private readonly StringBuilder _text = new();
    private readonly bool _ascii;
    private readonly bool _sorted;
    private readonly string? _indent;
    private readonly string _itemSeparator;
    private readonly string _keySeparator;

    private JsonText(bool ascii, string? indent, (string Item, string Key)? separators, bool sorted)
    {
        _ascii = ascii;
        _sorted = sorted;
        _indent = indent;
        (_itemSeparator, _keySeparator) = separators ?? (indent is null ? ", " : ",", ": ");
    }

    /// <param name="value">What to write.</param>
    /// <param name="ascii">Escapes everything beyond ASCII.</param>
    /// <param name="indent">Text of one level of indentation; null for a single line.</param>
    /// <param name="separators">Between items, and between key and value; null for the usual ones.</param>
    /// <param name="sorted">Orders keys.</param>
    public static string Write(object? value, bool ascii, string? indent, (string Item, string Key)? separators, bool sorted)
    {
        var writer = new JsonText(ascii, indent, separators, sorted);
        writer.Append(value, 0);
        return writer._text.ToString();
    }

    private void Append(object? value, int level)
    {
        RenderBudget.Step();
        RenderBudget.Text(8);
        switch (value)
        {
            case PyDict dict:
                AppendDict(dict, level);
                break;
            case PySequence sequence:
                AppendList(sequence.Items, level);
                break;
            default:
                if (Texts.TryGet(value, out string text))
                    AppendText(text);
                else
                    _text.Append(Scalar(value) ?? throw TemplateFault.TypeError($"Object of type {Name(value)} is not JSON serializable"));
                break;
        }
    }

    private static string Name(object? value) => TypeNames.Of(value).Split('.')[^1];

    private static string? Scalar(object? value) => value switch
    {
        null => "null",
        true => "true",
        false => "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger big => Integers.Print(big),
        double number => double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity" : Numbers.Print(number),
        _ => null,
    };

    private void AppendList(object?[] items, int level)
    {
        if (items.Length == 0)
        {
            _text.Append("[]");
            return;
        }

        using StackGuard.Level deeper = StackGuard.Deeper();
        _text.Append('[');
        for (int i = 0; i < items.Length; i++)
        {
            Separate(i == 0, level + 1);
            Append(items[i], level + 1);
        }

        NewLine(level);
        _text.Append(']');
    }

    private void AppendDict(PyDict dict, int level)
    {
        if (dict.Count == 0)
        {
            _text.Append("{}");
            return;
        }

        using StackGuard.Level deeper = StackGuard.Deeper();
        _text.Append('{');
        IEnumerable<KeyValuePair<object?, object?>> entries = dict.Entries;
        if (_sorted)
            entries = Sorting.Sort([.. entries], e => e.Key, reverse: false);
        bool first = true;
        foreach ((object? key, object? value) in entries)
        {
            Separate(first, level + 1);
            first = false;
            AppendText(Texts.TryGet(key, out string text) ? text
                : Scalar(key) ?? throw TemplateFault.TypeError($"keys must be str, int, float, bool or None, not {Name(key)}"));
            _text.Append(_keySeparator);
            Append(value, level + 1);
        }

        NewLine(level);
        _text.Append('}');
    }

    private void Separate(bool first, int level)
    {
        if (!first)
            _text.Append(_itemSeparator);
        RenderBudget.Text(_itemSeparator.Length + _keySeparator.Length);
        NewLine(level);
    }

    private void NewLine(int level)
    {
        if (_indent is null)
            return;
        _text.Append('\n').Append(Texts.Repeat(_indent, level));
    }

    private void AppendText(string text)
    {
        RenderBudget.Text(text.Length);
        _text.Append('"');
        foreach (char c in text)
        {
            string? escape = c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\f' => "\\f",
                '\b' => "\\b",
                _ => null,
            };
            if (escape is not null)
                _text.Append(escape);
            else if (c < ' ' || _ascii && c > '~')
                _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                _text.Append(c);
        }

        _text.Append('"');
    }
}
