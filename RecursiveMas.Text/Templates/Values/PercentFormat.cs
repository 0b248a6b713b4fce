using System.Numerics;
using System.Text;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>"format % values", and the filter "format".</summary>
internal sealed class PercentFormat
{
    private readonly string _format;
    private readonly object? _values;
    private readonly bool _escapes;
    private readonly StringBuilder _result = new();
    private int _position;
    private int _used;

    private PercentFormat(string format, object? values, bool escapes)
    {
        _format = format;
        _values = values;
        _escapes = escapes;
    }

    public static string Format(string format, object? values, bool escapes) => new PercentFormat(format, values, escapes).Run();

    /// <summary>Whatever can be subscripted counts as one, tuples and texts apart.</summary>
    private bool IsMapping => _values is PyDict or PyList or PyRange or PyBytes or Undefined;

    private string Run()
    {
        while (_position < _format.Length)
        {
            int percent = _format.IndexOf('%', _position);
            int end = percent < 0 ? _format.Length : percent;
            RenderBudget.Text(end - _position);
            _result.Append(_format, _position, end - _position);
            _position = end;
            if (percent >= 0)
            {
                _position++;
                Directive();
            }
        }

        int given = _values is PyTuple tuple ? tuple.Items.Length : 1;
        return _used < given && !IsMapping
            ? throw TemplateFault.TypeError("not all arguments converted during string formatting")
            : _result.ToString();
    }

    private void Directive()
    {
        if (At() == '%')
        {
            _result.Append('%');
            _position++;
            return;
        }

        object? value = null;
        bool keyed = false;
        if (At() == '(')
        {
            value = Keyed();
            keyed = true;
        }

        var flags = new HashSet<char>();
        while (At() is '-' or '+' or ' ' or '#' or '0')
            flags.Add(_format[_position++]);
        long width = Number() ?? 0;
        if (width < 0)
        {
            flags.Add('-');
            width = -width;
        }

        long? precision = null;
        if (At() == '.')
        {
            _position++;
            precision = Math.Max(Number() ?? 0, 0);
        }

        while (At() is 'h' or 'l' or 'L')
            _position++;
        if (_position >= _format.Length)
            throw TemplateFault.ValueError("incomplete format");
        char type = _format[_position++];
        if (!keyed)
            value = NextValue();
        Append(Convert(type, value, flags, precision), type, flags, width);
    }

    private char At() => _position < _format.Length ? _format[_position] : '\0';

    private object? Keyed()
    {
        int depth = 1;
        int start = ++_position;
        for (; _position < _format.Length && depth > 0; _position++)
            depth += _format[_position] == '(' ? 1 : _format[_position] == ')' ? -1 : 0;
        if (depth > 0)
            throw TemplateFault.ValueError("incomplete format key");
        string key = _format[start..(_position - 1)];
        if (!IsMapping)
            throw TemplateFault.TypeError("format requires a mapping");
        if (_values is not PyDict dict)
            throw Undefined.FaultOr(_values, () => TemplateFault.TypeError($"{TypeNames.Of(_values)} indices must be integers or slices, not str"));
        return dict.TryGet(key, out object? value) ? value : throw new TemplateFault("KeyError", $"'{key}'");
    }

    private long? Number()
    {
        if (At() == '*')
        {
            _position++;
            return Integers.Is(NextValue() is var given ? given : null) ? Integers.Clamp(given) : throw TemplateFault.TypeError("* wants int");
        }

        if (!Characters.IsDigit(At()))
            return null;
        long number = 0;
        for (; Characters.IsDigit(At()); _position++)
            number = Math.Min(number * 10 + (At() - '0'), int.MaxValue);
        return number;
    }

    private object? NextValue()
    {
        object? value = _values is PyTuple tuple
            ? _used < tuple.Items.Length ? tuple.Items[_used] : throw NotEnough()
            : _used == 0 ? _values : throw NotEnough();
        _used++;
        return value;

        static TemplateFault NotEnough() => TemplateFault.TypeError("not enough arguments for format string");
    }

    private (string Sign, string Body) Convert(char type, object? value, HashSet<char> flags, long? precision)
    {
        switch (type)
        {
            case 's' or 'r' or 'a':
                string text = type == 's' ? Printing.Text(value) : Printing.Repr(value);
                if (type == 'a')
                    text = AsciiOnly(text);
                if (_escapes && value is not Markup)
                    text = Markup.Escape(text);
                return ("", precision is { } kept && kept < Texts.Length(text) ? Texts.Slice(text, new SliceBounds(0, kept, 1)) : text);
            case 'c':
                return ("", Character(value));
            case 'd' or 'i' or 'u':
                return Whole(value, type, 10, "", flags, precision);
            case 'x' or 'X':
                (string sign, string body) = Whole(value, type, 16, flags.Contains('#') ? "0x" : "", flags, precision);
                return type == 'X' ? (sign.ToUpperInvariant(), body.ToUpperInvariant()) : (sign, body);
            case 'o':
                return Whole(value, type, 8, flags.Contains('#') ? "0o" : "", flags, precision);
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                double number = Numbers.Is(value) ? Numbers.ToDouble(value!)
                    : throw Undefined.FaultOr(value, () => TemplateFault.TypeError($"must be real number, not {TypeNames.Of(value)}"));
                string digits = NumberFormat.Float(number, type, precision is { } p ? NumberFormat.Checked(p) : null, flags.Contains('#'));
                return (Sign(double.IsNegative(number) && !double.IsNaN(number), flags), digits);
            default:
                throw TemplateFault.ValueError($"unsupported format character '{type}' (0x{(int)type:x}) at index {_position - 1}");
        }
    }

    private static (string Sign, string Body) Whole(object? value, char type, int numberBase, string prefix, HashSet<char> flags, long? precision)
    {
        BigInteger number;
        if (value is double real && numberBase == 10)
        {
            number = double.IsFinite(real) ? new BigInteger(Math.Truncate(real))
                : throw (double.IsNaN(real)
                    ? TemplateFault.ValueError("cannot convert float NaN to integer")
                    : new TemplateFault("OverflowError", "cannot convert float infinity to integer"));
        }
        else if (!Integers.TryBig(value, out number))
        {
            throw numberBase == 10
                ? Undefined.FaultOr(value, () => TemplateFault.TypeError($"%{type} format: a real number is required, not {TypeNames.Of(value)}"))
                : TemplateFault.TypeError($"%{type} format: an integer is required, not {TypeNames.Of(value)}");
        }

        string digits = NumberFormat.Integer(number, numberBase);
        if (precision is { } least && least > digits.Length)
            digits = Texts.Repeat("0", NumberFormat.Checked(least) - digits.Length) + digits;
        return (Sign(number.Sign < 0, flags) + prefix, digits);
    }

    private static string Sign(bool negative, HashSet<char> flags) => negative ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";

    private static string Character(object? value)
    {
        if (Texts.TryGet(value, out string text) && Texts.Length(text) == 1)
            return text;
        if (Integers.TryLong(value, out long code))
        {
            return code is >= 0 and <= 0x10FFFF
                ? Characters.FromCodePoint((int)code)
                : throw new TemplateFault("OverflowError", "%c arg not in range(0x110000)");
        }

        throw TemplateFault.TypeError("%c requires int or char");
    }

    private static string AsciiOnly(string text)
    {
        var result = new StringBuilder();
        foreach (int point in Characters.CodePoints(text))
        {
            result.Append(point < 128 ? ((char)point).ToString()
                : point < 0x100 ? $"\\x{point:x2}"
                : point < 0x10000 ? $"\\u{point:x4}"
                : $"\\U{point:x8}");
        }

        return result.ToString();
    }

    private void Append((string Sign, string Body) part, char type, HashSet<char> flags, long width)
    {
        long missing = width - part.Sign.Length - Texts.Length(part.Body);
        bool numeric = type is not ('s' or 'r' or 'a' or 'c');
        RenderBudget.Text(part.Body.Length);
        if (flags.Contains('-'))
            _result.Append(part.Sign).Append(part.Body).Append(Texts.Repeat(" ", missing));
        else if (flags.Contains('0') && numeric)
            _result.Append(part.Sign).Append(Texts.Repeat("0", missing)).Append(part.Body);
        else
            _result.Append(Texts.Repeat(" ", missing)).Append(part.Sign).Append(part.Body);
    }
}
