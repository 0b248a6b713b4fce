using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>The part after the colon in "{:...}".</summary>
internal static partial class FormatSpecification
{
    public static string Format(object? value, string specification)
    {
        if (specification.Length == 0)
            return Printing.Text(value);
        if (value is not (string or Markup or bool or long or BigInteger or double))
            throw TemplateFault.TypeError($"unsupported format string passed to {TypeNames.Of(value)}.__format__");
        Match match = Shape().Match(specification);
        if (!match.Success)
            throw TemplateFault.ValueError("Invalid format specifier");
        var parts = new Parts(match);
        return Texts.TryGet(value, out string text) ? OfText(text, parts)
            : value is double || parts.Type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%' ? OfFloat(Numbers.ToDouble(value), parts)
            : OfInteger(value, parts);
    }

    // Surrogate pairs may be fill characters.
    [GeneratedRegex(
        @"\A(?:(?<fill>[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S])?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<z>z)?(?<alt>#)?(?<zero>0)?" +
        @"(?<width>[0-9]{1,9})?(?<group>[,_])?(?:\.(?<precision>[0-9]{1,9}))?(?<type>[A-Za-z%])?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Shape();

    private static string OfText(string text, Parts parts)
    {
        if (parts.Type is not ('\0' or 's'))
            throw TemplateFault.ValueError($"Unknown format code '{parts.Type}' for object of type 'str'");
        if (parts.Sign != '\0' || parts.Alternate || parts.Align == '=' || parts.Group != '\0')
            throw TemplateFault.ValueError("a text cannot be formatted with signs, '=', '#' or groups of digits");
        if (parts.Precision is { } kept && kept < Texts.Length(text))
            text = Texts.Slice(text, new SliceBounds(0, kept, 1));
        return Fill("", text, parts, parts.Align == '\0' ? '<' : parts.Align);
    }

    private static string OfInteger(object value, Parts parts)
    {
        if (value is bool && parts.Type == '\0')
            parts = parts with { Type = 'd' };
        if (parts.Precision is not null)
            throw TemplateFault.ValueError("Precision not allowed in integer format specifier");
        Integers.TryBig(value, out BigInteger number);
        if (parts.Type == 'c')
        {
            return number >= 0 && number <= 0x10FFFF
                ? Fill("", Characters.FromCodePoint((int)number), parts, parts.Align == '\0' ? '<' : parts.Align)
                : throw new TemplateFault("OverflowError", "%c arg not in range(0x110000)");
        }

        (int numberBase, string prefix) = parts.Type switch
        {
            'b' => (2, "0b"),
            'o' => (8, "0o"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            '\0' or 'd' or 'n' => (10, ""),
            _ => throw TemplateFault.ValueError($"Unknown format code '{parts.Type}' for object of type '{TypeNames.Of(value)}'"),
        };
        string digits = NumberFormat.Integer(number, numberBase);
        if (parts.Type == 'X')
            digits = digits.ToUpperInvariant();
        return FillNumber(number.Sign < 0, parts.Alternate ? prefix : "", digits, "", parts, numberBase == 10 ? 3 : 4);
    }

    private static string OfFloat(double value, Parts parts)
    {
        char type = parts.Type;
        if (type is not ('\0' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'n' or '%'))
            throw TemplateFault.ValueError($"Unknown format code '{type}' for object of type 'float'");
        int? precision = parts.Precision is { } given ? NumberFormat.Checked(given) : null;
        bool negative = double.IsNegative(value) && !double.IsNaN(value);
        string text;
        if (type == '\0' && precision is null)
        {
            text = Numbers.Print(Math.Abs(value));
        }
        else
        {
            text = NumberFormat.Float(value, type is '\0' or 'n' ? 'g' : type, precision, parts.Alternate);
            if (type == '\0' && text.All(char.IsAsciiDigit))
                text += ".0";
        }

        int whole = 0;
        while (whole < text.Length && char.IsAsciiDigit(text[whole]))
            whole++;
        return FillNumber(negative, "", text[..whole], text[whole..], parts, 3);
    }

    private static string FillNumber(bool negative, string prefix, string digits, string tail, Parts parts, int groupSize)
    {
        string sign = negative ? "-" : parts.Sign is '+' or ' ' ? parts.Sign.ToString() : "";
        bool zeros = parts.Zero && parts.Align == '\0';
        if (parts.Group != '\0')
        {
            if (parts.Group == ',' && groupSize == 4)
                throw TemplateFault.ValueError($"Cannot specify ',' with '{parts.Type}'.");
            long least = zeros ? parts.Width - sign.Length - prefix.Length - tail.Length : 0;
            digits = Grouped(digits, parts.Group, groupSize, least);
        }

        if (zeros)
            parts = parts with { Fill = "0" };
        return Fill(sign + prefix, digits + tail, parts, parts.Align != '\0' ? parts.Align : zeros ? '=' : '>');
    }

    private static string Grouped(string digits, char separator, int size, long least)
    {
        RenderBudget.Text(Math.Max(least, 0));
        while (digits.Length + (digits.Length - 1) / size < least)
            digits = digits.PadLeft((int)Math.Min(digits.Length + Math.Max((least - digits.Length) / 2, 1), int.MaxValue), '0');
        while (digits.Length > 1 && digits[0] == '0' && digits.Length - 1 + (digits.Length - 2) / size >= least)
            digits = digits[1..];
        int first = (digits.Length - 1) % size + 1;
        var groups = new List<string> { digits[..first] };
        for (int i = first; i < digits.Length; i += size)
            groups.Add(digits.Substring(i, size));
        return string.Join(separator, groups);
    }

    private static string Fill(string sign, string body, Parts parts, char align)
    {
        long missing = parts.Width - sign.Length - Texts.Length(body);
        return align switch
        {
            _ when missing <= 0 => sign + body,
            '<' => sign + body + Texts.Repeat(parts.Fill, missing),
            '^' => Texts.Repeat(parts.Fill, missing / 2) + sign + body + Texts.Repeat(parts.Fill, missing - missing / 2),
            '=' => sign + Texts.Repeat(parts.Fill, missing) + body,
            _ => Texts.Repeat(parts.Fill, missing) + sign + body,
        };
    }

    private sealed record Parts(string Fill, char Align, char Sign, bool Alternate, bool Zero, long Width, char Group, long? Precision, char Type)
    {
        public Parts(Match match)
            : this(
                match.Groups["fill"] is { Success: true, Length: > 0 } fill ? fill.Value : match.Groups["zero"].Success ? "0" : " ",
                One(match, "align"), One(match, "sign"), match.Groups["alt"].Success, match.Groups["zero"].Success,
                Number(match, "width") ?? 0, One(match, "group"), Number(match, "precision"), One(match, "type"))
        {
        }

        private static char One(Match match, string group) => match.Groups[group].Success ? match.Groups[group].Value[0] : '\0';

        private static long? Number(Match match, string group) =>
            match.Groups[group].Success ? long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : null;
    }
}
