using System.Numerics;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Filters on single values: defaults, conversions, numbers, JSON.</summary>
internal static class ValueFilters
{
    public static readonly NativeFunction[] All =
    [
        new("default", "default_value=, boolean=", (_, v, a) => v is Undefined || a.Flag(1, false) && !Collections.IsTrue(v) ? a.Or(0, "") : v),
        new("string", "", (_, v, _) => v is Markup ? v : Printing.Text(v)),
        new("safe", "", (_, v, _) => new Markup(Printing.Text(v))),
        new("escape", "", (_, v, _) => v is Markup ? v : new Markup(Escaped(v))),
        new("forceescape", "", (_, v, _) => new Markup(Escaped(v))),
        new("int", "default=, base=", (_, v, a) => ToInteger(v, a.Or(0, Integers.Box(0)), a.Integer(1, 10))),
        new("float", "default=", (_, v, a) => TryFloat(v, out double number) ? number : a.Or(0, 0.0)),
        new("abs", "", (_, v, _) => Numbers.Is(v)
            ? Numbers.Absolute(v!)
            : throw Undefined.FaultOr(v, () => TemplateFault.TypeError($"bad operand type for abs(): '{TypeNames.Of(v)}'"))),
        new("round", "precision=, method=", (_, v, a) => Round(v, a.Integer(0, 0), a.Text(1, "common"))),
        new("filesizeformat", "binary=", (_, v, a) => FileSize(v, a.Flag(0, false))),
        new("attr", "name", (state, v, a) => Attribute(state, v, a.Text(0))),
        new("tojson", "ensure_ascii=, indent=, separators=, sort_keys=", (_, v, a) =>
            JsonText.Write(v, a.Flag(0, false), Indent(a.Or(1, null)), Separators(a.Or(2, null)), a.Flag(3, false))),
        new("pprint", "", (_, v, _) => PrettyPrint.Format(v)),
    ];

    /// <summary>Python's float(); false where it raises a type or value error.</summary>
    public static bool TryFloat(object? value, out double number)
    {
        number = 0;
        if (value is Undefined undefined)
            throw undefined.Fault();
        if (Numbers.Is(value))
        {
            number = Numbers.ToDouble(value!);
            return true;
        }

        return Texts.TryGet(value, out string text) && NumberText.TryFloat(text, out number);
    }

    private static string Escaped(object? value)
    {
        string text = Printing.Text(value);
        RenderBudget.Text(text.Length);
        return Markup.Escape(text);
    }

    private static object? ToInteger(object? value, object? fallback, long numberBase)
    {
        if (value is Undefined undefined)
            throw undefined.Fault();
        if (Integers.Is(value))
            return Operators.Plus(value);
        if (Texts.TryGet(value, out string text) && NumberText.TryInteger(text, numberBase, out BigInteger parsed))
            return Integers.Normalize(parsed);
        if (value is double real && double.IsInfinity(real))
            throw new TemplateFault("OverflowError", "cannot convert float infinity to integer");
        return TryFloat(value, out double number) && double.IsFinite(number) ? Integers.Normalize(new BigInteger(Math.Truncate(number))) : fallback;
    }

    private static object Round(object? value, long precision, string method)
    {
        if (method is not ("common" or "ceil" or "floor"))
            throw Filters.ArgumentError("method must be common, ceil or floor");
        if (!Numbers.Is(value))
            throw Undefined.FaultOr(value, () => TemplateFault.TypeError($"type {TypeNames.Of(value)} doesn't define __round__ method"));
        if (method == "common")
        {
            RenderBudget.Step(64);
            if (value is double real)
                return ExactDecimal.Round(real, (int)Math.Clamp(precision, -400, 400));
            Integers.TryBig(value, out BigInteger whole);
            return Integers.Normalize(precision >= 0 ? whole : RoundInteger(whole, -precision));
        }

        object factor = Numbers.Power(Integers.Box(10), Integers.Box(precision));
        object scaled = Numbers.Multiply(value!, factor);
        if (scaled is double number)
        {
            if (!double.IsFinite(number))
                throw new TemplateFault(double.IsNaN(number) ? "ValueError" : "OverflowError", "cannot convert float to integer");
            scaled = Integers.Normalize(new BigInteger(method == "ceil" ? Math.Ceiling(number) : Math.Floor(number)));
        }

        return Numbers.Divide(scaled, factor);
    }

    private static BigInteger RoundInteger(BigInteger value, long zeros)
    {
        if (zeros > TemplateLimits.IntegerDigits * 5)
            return BigInteger.Zero;
        BigInteger unit = BigInteger.Pow(10, (int)zeros);
        BigInteger quotient = BigInteger.DivRem(BigInteger.Abs(value), unit, out BigInteger rest);
        int half = (rest * 2).CompareTo(unit);
        if (half > 0 || half == 0 && !quotient.IsEven)
            quotient++;
        return quotient * unit * value.Sign;
    }

    private static string FileSize(object? value, bool binary)
    {
        if (!TryFloat(value, out double bytes))
            throw TemplateFault.ValueError($"could not convert {TypeNames.Of(value)} to float");
        double unitBase = binary ? 1024 : 1000;
        if (bytes == 1)
            return "1 Byte";
        if (bytes < unitBase)
            return $"{new BigInteger(Math.Truncate(bytes))} Bytes";
        string[] prefixes = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
        int index = 0;
        double unit = unitBase * unitBase;
        for (; index < prefixes.Length - 1 && !(bytes < unit); index++)
            unit *= unitBase;
        string prefix = binary ? prefixes[index].ToUpperInvariant() + "iB" : prefixes[index] + "B";
        return $"{NumberFormat.Float(unitBase * bytes / unit, 'f', 1, false)} {prefix}";
    }

    private static object? Attribute(RenderState state, object? value, string name)
    {
        if (value is Undefined undefined && !name.StartsWith("__", StringComparison.Ordinal))
            throw undefined.Fault();
        return Attributes.TryAttribute(state, value, name, out object? attribute) ? attribute : Undefined.Element(value, name);
    }

    private static string? Indent(object? value)
    {
        if (value is null)
            return null;
        if (Texts.TryGet(value, out string text))
            return text;
        return Integers.Is(value)
            ? Texts.Repeat(" ", Integers.Clamp(value))
            : throw Undefined.FaultOr(value, () => TemplateFault.TypeError($"can't multiply sequence by non-int of type '{TypeNames.Of(value)}'"));
    }

    private static (string Item, string Key)? Separators(object? value)
    {
        if (value is null)
            return null;
        object?[] parts = Collections.ToArray(value);
        if (parts.Length != 2)
            throw TemplateFault.ValueError(parts.Length < 2
                ? $"not enough values to unpack (expected 2, got {parts.Length})"
                : "too many values to unpack (expected 2)");
        return Texts.TryGet(parts[0], out string item) && Texts.TryGet(parts[1], out string key)
            ? (item, key)
            : throw TemplateFault.TypeError("separators must be text");
    }
}
