using System.Globalization;
using System.Numerics;
using System.Text;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>str() and repr() of values.</summary>
internal static class Printing
{
    public static string Text(object? value) => value switch
    {
        string text => text,
        Markup markup => markup.Text,
        Undefined => "",
        _ => Repr(value),
    };

    public static string Repr(object? value) => value switch
    {
        null => "None",
        true => "True",
        false => "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => Numbers.Print(number),
        BigInteger big => Integers.Print(big),
        _ => ReprToNewText(value),
    };

    private static string ReprToNewText(object? value)
    {
        var builder = new StringBuilder();
        AppendRepr(builder, value);
        return builder.ToString();
    }

    private static void AppendRepr(StringBuilder builder, object? value)
    {
        RenderBudget.Step();
        RenderBudget.Text(8);
        switch (value)
        {
            case string text:
                AppendQuoted(builder, text);
                break;
            case Markup markup:
                builder.Append("Markup(");
                AppendQuoted(builder, markup.Text);
                builder.Append(')');
                break;
            case Undefined:
                builder.Append("Undefined");
                break;
            case PyList list:
                AppendItems(builder, '[', list.Items, ']');
                break;
            case PyTuple tuple:
                AppendItems(builder, '(', tuple.Items, ')');
                if (tuple.Items.Length == 1)
                    builder.Insert(builder.Length - 1, ',');
                break;
            case PyDict dict:
                AppendDict(builder, dict.Entries);
                break;
            case PyDictView view:
                builder.Append(view.TypeName).Append('(');
                AppendItems(builder, '[', view.Items, ']');
                builder.Append(')');
                break;
            case PyRange range:
                builder.Append(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}");
                if (range.Step != 1)
                    builder.Append(CultureInfo.InvariantCulture, $", {range.Step}");
                builder.Append(')');
                break;
            case PyBytes bytes:
                AppendBytes(builder, bytes.Data);
                break;
            case PyNamespace space:
                builder.Append("<Namespace ");
                AppendDict(builder, space.Attributes.Select(a => new KeyValuePair<object?, object?>(a.Key, a.Value)));
                builder.Append('>');
                break;
            case IPyObject named:
                builder.Append(named.ToString() is { } shown && shown.StartsWith('<') ? shown : $"<{named.TypeName} object>");
                break;
            default:
                builder.Append(Repr(value));
                break;
        }
    }

    private static void AppendItems(StringBuilder builder, char open, IEnumerable<object?> items, char close)
    {
        using StackGuard.Level level = StackGuard.Deeper();
        builder.Append(open);
        bool first = true;
        foreach (object? item in items)
        {
            if (!first)
                builder.Append(", ");
            AppendRepr(builder, item);
            first = false;
        }

        builder.Append(close);
    }

    private static void AppendDict(StringBuilder builder, IEnumerable<KeyValuePair<object?, object?>> entries)
    {
        using StackGuard.Level level = StackGuard.Deeper();
        builder.Append('{');
        bool first = true;
        foreach ((object? key, object? value) in entries)
        {
            if (!first)
                builder.Append(", ");
            AppendRepr(builder, key);
            builder.Append(": ");
            AppendRepr(builder, value);
            first = false;
        }

        builder.Append('}');
    }

    private static void AppendQuoted(StringBuilder builder, string text)
    {
        RenderBudget.Text(text.Length);
        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        builder.Append(quote);
        foreach (int point in Characters.CodePoints(text))
        {
            if (point == quote || point == '\\')
                builder.Append('\\').Append((char)point);
            else if (point is '\n' or '\r' or '\t')
                builder.Append('\\').Append(point == '\n' ? 'n' : point == '\r' ? 'r' : 't');
            else if (Characters.IsPrintable(point))
                builder.AppendCodePoint(point);
            else if (point < 0x100)
                builder.Append(CultureInfo.InvariantCulture, $"\\x{point:x2}");
            else if (point < 0x10000)
                builder.Append(CultureInfo.InvariantCulture, $"\\u{point:x4}");
            else
                builder.Append(CultureInfo.InvariantCulture, $"\\U{point:x8}");
        }

        builder.Append(quote);
    }

    private static void AppendBytes(StringBuilder builder, byte[] data)
    {
        RenderBudget.Text(data.Length * 2L);
        char quote = data.AsSpan().Contains((byte)'\'') && !data.AsSpan().Contains((byte)'"') ? '"' : '\'';
        builder.Append('b').Append(quote);
        foreach (byte b in data)
        {
            if (b == quote || b == '\\')
                builder.Append('\\').Append((char)b);
            else if (b is (byte)'\n' or (byte)'\r' or (byte)'\t')
                builder.Append('\\').Append(b == '\n' ? 'n' : b == '\r' ? 'r' : 't');
            else if (b is >= 32 and < 127)
                builder.Append((char)b);
            else
                builder.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        }

        builder.Append(quote);
    }
}
