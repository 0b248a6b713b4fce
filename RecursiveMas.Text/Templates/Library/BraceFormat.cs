using System.Text;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>str.format with the sandbox's attribute access.</summary>
internal sealed class BraceFormat
{
    private const int MaximumNesting = 2;

    private readonly RenderState _state;
    private readonly object?[] _positional;
    private readonly Func<string, object?> _named;
    private readonly int _namedCount;
    private readonly bool _escapes;
    private int _next;
    private bool _manual;

    private BraceFormat(RenderState state, object?[] positional, Func<string, object?> named, int namedCount, bool escapes)
    {
        _namedCount = namedCount;
        _state = state;
        _positional = positional;
        _named = named;
        _escapes = escapes;
    }

    public static string Format(RenderState state, string format, object?[] positional, KeyValuePair<string, object?>[] named, bool escapes) =>
        new BraceFormat(state, positional, name => named.Where(n => n.Key == name).Select(n => new[] { n.Value }).FirstOrDefault() is [var value]
            ? value
            : throw new TemplateFault("KeyError", $"'{name}'"), named.Length, escapes).Expand(format, MaximumNesting);

    public static string FormatMap(RenderState state, string format, object? mapping, bool escapes) =>
        new BraceFormat(state, [], name => Attributes.TryElement(state, mapping, name, out object? value)
            ? value
            : throw Undefined.FaultOr(mapping, () => new TemplateFault("KeyError", $"'{name}'")), 0, escapes).Expand(format, MaximumNesting);

    private string Expand(string format, int nesting)
    {
        if (nesting < 0)
            throw TemplateFault.ValueError("Max string recursion exceeded");
        var result = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            RenderBudget.Text(1);
            char c = format[i];
            bool doubled = i + 1 < format.Length && format[i + 1] == c;
            if (c is '{' or '}' && doubled)
            {
                result.Append(c);
                i++;
            }
            else if (c == '}')
            {
                throw TemplateFault.ValueError("Single '}' encountered in format string");
            }
            else if (c == '{')
            {
                int end = FieldEnd(format, i + 1);
                result.Append(Field(format[(i + 1)..end], nesting));
                i = end;
            }
            else
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }

    private static int FieldEnd(string format, int start)
    {
        int depth = 1;
        for (int i = start; i < format.Length; i++)
        {
            depth += format[i] == '{' ? 1 : format[i] == '}' ? -1 : 0;
            if (depth == 0)
                return i;
        }

        throw TemplateFault.ValueError(start == format.Length ? "Single '{' encountered in format string" : "expected '}' before end of string");
    }

    private string Field(string field, int nesting)
    {
        int end = NameEnd(field);
        string name = field[..end];
        string rest = field[end..];
        char conversion = '\0';
        if (rest.StartsWith('!'))
        {
            if (rest.Length < 2 || rest.Length > 2 && rest[2] != ':')
                throw TemplateFault.ValueError(rest.Length < 2
                    ? "end of string while looking for conversion specifier"
                    : "expected ':' after conversion specifier");
            conversion = rest[1];
            rest = rest[2..];
        }

        object? value = Lookup(name);
        value = conversion switch
        {
            '\0' => value,
            's' => Printing.Text(value),
            'r' => Printing.Repr(value),
            'a' => PercentFormat.Format("%a", new PyTuple([value]), escapes: false),
            _ => throw TemplateFault.ValueError($"Unknown conversion specifier {conversion}"),
        };
        string specification = Expand(rest.Length > 0 ? rest[1..] : "", nesting - 1);
        if (_escapes && value is Markup markup)
            return specification.Length == 0 ? markup.Text : throw TemplateFault.ValueError("Unsupported format specification for Markup.");
        string text = FormatSpecification.Format(value, specification);
        RenderBudget.Text(text.Length);
        return _escapes ? Markup.Escape(text) : text;
    }

    private static int NameEnd(string field)
    {
        bool bracket = false;
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == '[')
                bracket = true;
            else if (field[i] == ']')
                bracket = false;
            else if (!bracket && field[i] is '!' or ':')
                return i;
            else if (field[i] is '{' or '}')
                throw TemplateFault.ValueError("unexpected '{' in field name");
        }

        return field.Length;
    }

    private object? Lookup(string name)
    {
        int end = name.AsSpan().IndexOfAny('.', '[');
        string first = end < 0 ? name : name[..end];
        object? value = First(first);
        for (int i = end; i >= 0 && i < name.Length;)
        {
            if (name[i] == '.')
            {
                int stop = name.AsSpan(i + 1).IndexOfAny('.', '[');
                int next = stop < 0 ? name.Length : i + 1 + stop;
                if (next == i + 1)
                    throw TemplateFault.ValueError("Empty attribute in format string");
                value = Attributes.GetAttribute(_state, value, name[(i + 1)..next]);
                i = next;
                continue;
            }

            int close = name.IndexOf(']', i);
            if (close < 0)
                throw TemplateFault.ValueError("Missing ']' in format string");
            if (close == i + 1)
                throw TemplateFault.ValueError("Empty attribute in format string");
            string key = name[(i + 1)..close];
            value = Attributes.GetItem(_state, value, IsNumber(key) && long.TryParse(key, out long index) ? Integers.Box(index) : key);
            i = close + 1;
            if (i < name.Length && name[i] is not ('.' or '['))
                throw TemplateFault.ValueError("Only '.' or '[' may follow ']' in format field specifier");
        }

        return value;
    }

    private object? First(string name)
    {
        RenderBudget.Step(_namedCount + 1);
        if (name.Length > 0 && !IsNumber(name))
            return _named(name);
        if (name.Length == 0 ? _manual : _next > 0)
            throw TemplateFault.ValueError("cannot switch between manual field specification and automatic field numbering");
        _manual |= name.Length > 0;
        long index = name.Length == 0 ? _next++ : long.TryParse(name, out long number) ? number : long.MaxValue;
        return index < _positional.Length
            ? _positional[index]
            : throw new TemplateFault("IndexError", $"Replacement index {index} out of range for positional args tuple");
    }

    private static bool IsNumber(string text) => text.Length > 0 && text.All(Characters.IsDigit);
}
