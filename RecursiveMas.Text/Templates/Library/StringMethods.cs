using System.Text;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Methods of text.</summary>
internal static class StringMethods
{
    public static readonly Dictionary<string, NativeFunction> Table = ContainerMethods.Table(
        Method("strip", "chars=", (s, a) => Strip(s, a.Or(0, null), left: true, right: true)),
        Method("lstrip", "chars=", (s, a) => Strip(s, a.Or(0, null), left: true, right: false)),
        Method("rstrip", "chars=", (s, a) => Strip(s, a.Or(0, null), left: false, right: true)),
        Method("upper", "", (s, _) => LetterCase.Upper(s)),
        Method("lower", "", (s, _) => LetterCase.Lower(s)),
        Method("title", "", (s, _) => LetterCase.Title(s)),
        Method("capitalize", "", (s, _) => LetterCase.Capitalize(s)),
        Method("swapcase", "", (s, _) => LetterCase.Swap(s)),
        Method("casefold", "", (s, _) => LetterCase.Fold(s)),
        Method("split", "sep=, maxsplit=", (s, a) => Splitting.Split(s, Separator(a), a.Integer(1, -1))),
        Method("rsplit", "sep=, maxsplit=", (s, a) => Splitting.SplitFromRight(s, Separator(a), a.Integer(1, -1))),
        Method("splitlines", "keepends=", (s, a) => Splitting.Lines(s, a.Flag(0, false))),
        Method("partition", "sep", (s, a) => Splitting.Partition(s, a.Text(0), last: false)),
        Method("rpartition", "sep", (s, a) => Splitting.Partition(s, a.Text(0), last: true)),
        Method("replace", "old, new, count=", (s, a) => Replace(s, a.Text(0), a.Text(1), a.Integer(2, -1))),
        new("join", "iterable", (_, self, a) => Join(self, a[0])),
        Method("startswith", "prefix, start=, end=", (s, a) => Affix("startswith", s, a, (part, affix) => part.StartsWith(affix, StringComparison.Ordinal))),
        Method("endswith", "suffix, start=, end=", (s, a) => Affix("endswith", s, a, (part, affix) => part.EndsWith(affix, StringComparison.Ordinal))),
        Method("removeprefix", "prefix", (s, a) => a.Text(0) is var p && s.StartsWith(p, StringComparison.Ordinal) ? s[p.Length..] : s),
        Method("removesuffix", "suffix", (s, a) => a.Text(0) is { Length: > 0 } p && s.EndsWith(p, StringComparison.Ordinal) ? s[..^p.Length] : s),
        Method("find", "sub, start=, end=", (s, a) => Integers.Box(Find(s, a, last: false))),
        Method("rfind", "sub, start=, end=", (s, a) => Integers.Box(Find(s, a, last: true))),
        Method("index", "sub, start=, end=", (s, a) => Found(Find(s, a, last: false))),
        Method("rindex", "sub, start=, end=", (s, a) => Found(Find(s, a, last: true))),
        Method("count", "sub, start=, end=", (s, a) => Integers.Box(Count(s, a))),
        Method("center", "width, fillchar=", (s, a) => Padding.Center(s, Integers.Clamp(a[0]), Fill(a))),
        Method("ljust", "width, fillchar=", (s, a) => Padding.Pad(s, 0, Integers.Clamp(a[0]) - Texts.Length(s), Fill(a))),
        Method("rjust", "width, fillchar=", (s, a) => Padding.Pad(s, Integers.Clamp(a[0]) - Texts.Length(s), 0, Fill(a))),
        Method("zfill", "width", (s, a) => Padding.ZeroFill(s, Integers.Clamp(a[0]))),
        Method("expandtabs", "tabsize=", (s, a) => Padding.ExpandTabs(s, a.Integer(0, 8))),
        Method("translate", "table", (s, a) => Translate(s, a[0])),
        Method("encode", "encoding=, errors=", (s, a) => Encode(s, a.Text(0, "utf-8"))),
        new("format", "*values, **named", (state, self, a) => Formatted(
            self,
            BraceFormat.Format(state, TextOf(self), (object?[])a[0]!, (KeyValuePair<string, object?>[])a[1]!, self is Markup))),
        new("format_map", "mapping", (state, self, a) => Formatted(self, BraceFormat.FormatMap(state, TextOf(self), a[0], self is Markup))),
        Method("isalpha", "", (s, _) => TextTests.IsAlpha(s)),
        Method("isdigit", "", (s, _) => TextTests.IsDigit(s)),
        Method("isdecimal", "", (s, _) => TextTests.IsDecimal(s)),
        Method("isnumeric", "", (s, _) => TextTests.IsNumeric(s)),
        Method("isalnum", "", (s, _) => TextTests.IsAlphaNumeric(s)),
        Method("isspace", "", (s, _) => s.Length > 0 && s.All(Characters.IsSpace)),
        Method("isupper", "", (s, _) => TextTests.IsUpper(s)),
        Method("islower", "", (s, _) => TextTests.IsLower(s)),
        Method("istitle", "", (s, _) => TextTests.IsTitle(s)),
        Method("isascii", "", (s, _) => s.All(char.IsAscii)),
        Method("isidentifier", "", (s, _) => s.Length > 0 && !char.IsDigit(s[0]) && s.All(Characters.IsWord)),
        Method("isprintable", "", (s, _) => Characters.CodePoints(s).All(Characters.IsPrintable)));

    /// <summary>Whether the code point is one of those that a call of strip removes.</summary>
    public static string Strip(string text, object? chars, bool left, bool right)
    {
        Func<char, bool> strips = Characters.IsSpace;
        if (chars is not null)
        {
            if (!Texts.TryGet(chars, out string set))
                throw TemplateFault.TypeError("strip arg must be None or str");
            // Surrogates in the set match halves of pairs, which no text that a template meets tells apart.
            strips = c => set.Contains(c, StringComparison.Ordinal);
        }

        int start = 0;
        int end = text.Length;
        while (left && start < end && strips(text[start]))
            start++;
        while (right && end > start && strips(text[end - 1]))
            end--;
        RenderBudget.Text(end - start);
        return text[start..end];
    }

    public static string Replace(string text, string old, string replacement, long count)
    {
        if (count < 0)
            count = long.MaxValue;
        if (old.Length == 0)
            return Interleave(text, replacement, count);
        var result = new StringBuilder();
        int from = 0;
        for (int at = text.IndexOf(old, StringComparison.Ordinal); at >= 0 && count > 0; at = text.IndexOf(old, from, StringComparison.Ordinal), count--)
        {
            RenderBudget.Text(at - from + replacement.Length);
            result.Append(text, from, at - from).Append(replacement);
            from = at + old.Length;
        }

        RenderBudget.Text(text.Length - from);
        return from == 0 ? text : result.Append(text, from, text.Length - from).ToString();
    }

    private static string Interleave(string text, string replacement, long count)
    {
        var result = new StringBuilder();
        foreach (object? character in Texts.Characters(text))
        {
            RenderBudget.Text(replacement.Length + 2);
            if (count-- > 0)
                result.Append(replacement);
            result.Append((string)character!);
        }

        return count > 0 ? result.Append(replacement).ToString() : result.ToString();
    }

    private static object Join(object? self, object? items)
    {
        string separator = TextOf(self);
        object?[] parts = Collections.ToArray(Collections.TryIterate(items) ?? throw TemplateFault.TypeError("can only join an iterable"));
        var result = new StringBuilder();
        for (int i = 0; i < parts.Length; i++)
        {
            if (!Texts.TryGet(parts[i], out string part))
                throw TemplateFault.TypeError($"sequence item {i}: expected str instance, {TypeNames.Of(parts[i])} found");
            if (self is Markup && parts[i] is not Markup)
                part = Markup.Escape(part);
            RenderBudget.Text(part.Length + separator.Length);
            result.Append(i > 0 ? separator : "").Append(part);
        }

        return Formatted(self, result.ToString())!;
    }

    private static bool Affix(string method, string text, object?[] a, Func<string, string, bool> matches)
    {
        if (!Window(text, a, out string part, out _))
            return false;
        if (Texts.TryGet(a[0], out string affix))
            return matches(part, affix);
        if (a[0] is not PyTuple tuple)
            throw TemplateFault.TypeError($"{method} first arg must be str or a tuple of str, not {TypeNames.Of(a[0])}");
        foreach (object? item in tuple.Items)
        {
            if (!Texts.TryGet(item, out affix))
                throw TemplateFault.TypeError($"tuple for {method} must only contain str, not {TypeNames.Of(item)}");
            if (matches(part, affix))
                return true;
        }

        return false;
    }

    /// <summary>The part between start and end; false if start lies behind the end, where not even the empty text is found.</summary>
    private static bool Window(string text, object?[] a, out string part, out long offset)
    {
        int length = Texts.Length(text);
        long start = a.Or(1, null) is { } s ? Integers.Clamp(s) : 0;
        long end = a.Or(2, null) is { } e ? Integers.Clamp(e) : length;
        start = start < 0 ? Math.Max(start + length, 0) : start;
        end = end < 0 ? Math.Max(end + length, 0) : Math.Min(end, length);
        offset = start;
        part = "";
        if (start > end)
            return false;
        part = start == 0 && end == length ? text : Texts.Slice(text, new SliceBounds(start, end, 1));
        return true;
    }

    private static long Find(string text, object?[] a, bool last)
    {
        string wanted = a.Text(0);
        RenderBudget.Step(text.Length >> 6);
        if (!Window(text, a, out string part, out long offset))
            return -1;
        int unit = last ? part.LastIndexOf(wanted, StringComparison.Ordinal) : part.IndexOf(wanted, StringComparison.Ordinal);
        if (last && wanted.Length == 0)
            unit = part.Length;
        return unit < 0 ? -1 : offset + Texts.CodePointOffset(part, unit);
    }

    private static object Found(long index) => index >= 0 ? Integers.Box(index) : throw TemplateFault.ValueError("substring not found");

    private static long Count(string text, object?[] a)
    {
        string wanted = a.Text(0);
        if (!Window(text, a, out string part, out _))
            return 0;
        if (wanted.Length == 0)
            return Texts.Length(part) + 1;
        RenderBudget.Step(part.Length >> 4);
        long count = 0;
        for (int at = part.IndexOf(wanted, StringComparison.Ordinal); at >= 0; at = part.IndexOf(wanted, at + wanted.Length, StringComparison.Ordinal))
            count++;
        return count;
    }

    private static string? Separator(object?[] a) => a.Or(0, null) is null ? null
        : a.Text(0) is { Length: > 0 } text ? text
        : throw TemplateFault.ValueError("empty separator");

    private static string Fill(object?[] a) => a.Text(1, " ") is var fill && Texts.Length(fill) == 1
        ? fill
        : throw TemplateFault.TypeError("The fill character must be exactly one character long");

    private static string Translate(string text, object? table)
    {
        var result = new StringBuilder();
        foreach (int point in Characters.CodePoints(text))
        {
            RenderBudget.Step();
            object? mapped = Integers.Box(point);
            bool found = table switch
            {
                PyDict dict => dict.TryGet(mapped, out mapped),
                Undefined undefined => throw undefined.Fault(),
                _ => throw TemplateFault.TypeError($"'{TypeNames.Of(table)}' object is not subscriptable"),
            };
            if (!found)
                result.AppendCodePoint(point);
            else if (Texts.TryGet(mapped, out string replacement))
                result.Append(replacement);
            else if (Integers.TryLong(mapped, out long code) && code is >= 0 and <= 0x10FFFF)
                result.AppendCodePoint((int)code);
            else if (mapped is not null)
                throw TemplateFault.TypeError("character mapping must return integer, None or str");
            RenderBudget.Text(result.Length >> 12);
        }

        RenderBudget.Text(result.Length);
        return result.ToString();
    }

    private static PyBytes Encode(string text, string encoding)
    {
        RenderBudget.Text(text.Length * 2L);
        string name = encoding.ToLowerInvariant().Replace('_', '-');
        if (name is not ("utf-8" or "utf8" or "ascii" or "latin-1" or "iso-8859-1"))
            throw new TemplateFault("LookupError", $"unknown encoding: {encoding}");
        int limit = name == "ascii" ? 0x7F : name.StartsWith("utf", StringComparison.Ordinal) ? 0x10FFFF : 0xFF;
        if (Characters.CodePoints(text).Any(p => p > limit || limit == 0x10FFFF && p is >= 0xD800 and <= 0xDFFF))
            throw new TemplateFault("UnicodeEncodeError", $"'{name}' codec can't encode the text");
        return new PyBytes((limit == 0xFF ? Encoding.Latin1 : Encoding.UTF8).GetBytes(text));
    }

    private static string TextOf(object? self) => Texts.TryGet(self, out string text) ? text : "";

    private static object? Formatted(object? self, string text) => self is Markup ? new Markup(text) : text;

    /// <summary>A method on text that hands back what it made marked safe if the text was.</summary>
    private static NativeFunction Method(string name, string parameters, Func<string, object?[], object?> body) => new(name, parameters, (_, self, a) =>
    {
        string text = TextOf(self);
        RenderBudget.Step(text.Length >> 6);
        object? result = body(text, a);
        if (result is string made && !ReferenceEquals(made, text))
            RenderBudget.Text(made.Length);
        if (self is not Markup)
            return result;
        return result switch
        {
            string plain => new Markup(plain),
            PySequence parts => parts.With([.. parts.Items.Select(p => p is string part ? new Markup(part) : p)]),
            _ => result,
        };
    });
}
