using System.Buffers;
using System.Text;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Filters on text. Other values are printed first.</summary>
internal static class TextFilters
{
    // What str.title of Jinja starts a word after.
    private const string WordStarts = "-({[<";

    private static readonly SearchValues<char> NoAttributeName = SearchValues.Create(" \t\n\r\f\v/>=");

    public static readonly NativeFunction[] All =
    [
        Soft("trim", "chars=", (s, a) => StringMethods.Strip(s, a.Or(0, null), left: true, right: true)),
        Soft("upper", "", (s, _) => LetterCase.Upper(s)),
        Soft("lower", "", (s, _) => LetterCase.Lower(s)),
        Soft("capitalize", "", (s, _) => LetterCase.Capitalize(s)),
        Soft("center", "width=", (s, a) => Padding.Center(s, a.Integer(0, 80), " ")),
        new("title", "", (_, v, _) => Title(Printing.Text(v))),
        new("replace", "old, new, count=", Replace),
        new("wordcount", "", (_, v, _) => Integers.Box(WordCount(Printing.Text(v)))),
        new("striptags", "", (_, v, _) => StripTags(Printing.Text(v))),
        new("indent", "width=, first=, blank=", (_, v, a) => Indent(v, a.Or(0, Integers.Box(4)), a.Flag(1, false), a.Flag(2, false))),
        new(
            "truncate",
            "length=, killwords=, end=, leeway=",
            (_, v, a) => Truncate(v, a.Integer(0, 255), a.Flag(1, false), a.Text(2, "..."), a.Or(3, null) is null ? 5 : a.Integer(3, 5))),
        new("wordwrap", "width=, break_long_words=, wrapstring=, break_on_hyphens=", (_, v, a) =>
            WordWrap.Wrap(Required(v, "splitlines"), a.Integer(0, 79), a.Flag(1, true), a.Or(2, null) is null ? "\n" : a.Text(2), a.Flag(3, true))),
        new("format", "*args, **kwargs", (_, v, a) => Format(v, (object?[])a[0]!, (KeyValuePair<string, object?>[])a[1]!)),
        new("urlencode", "", (_, v, _) => UrlEncode(v)),
        new("urlize", "*args, **kwargs", (_, _, _) => throw TemplateFault.Runtime("the filter 'urlize' makes web pages, not prompts: it is not supported")),
        new("xmlattr", "autospace=", (state, v, a) => XmlAttributes(state, v, a.Flag(0, true))),
    ];

    private static NativeFunction Soft(string name, string parameters, Func<string, object?[], string> body) => new(name, parameters, (_, v, a) =>
    {
        string result = body(Printing.Text(v), a);
        return v is Markup ? new Markup(result) : result;
    });

    private static string Required(object? value, string method) => Texts.TryGet(value, out string text)
        ? text
        : throw Undefined.FaultOr(value, () => new TemplateFault("AttributeError", $"'{TypeNames.Of(value)}' object has no attribute '{method}'"));

    private static string Title(string text)
    {
        RenderBudget.Text(text.Length);
        var result = new StringBuilder();
        int start = 0;
        while (start < text.Length)
        {
            bool separator = IsWordStart(text[start]);
            int end = start + 1;
            while (end < text.Length && IsWordStart(text[end]) == separator)
                end++;
            string word = text[start..end];
            int first = Texts.UnitOffset(word, 1);
            result.Append(separator ? word : LetterCase.Upper(word[..first]) + LetterCase.Lower(word[first..]));
            start = end;
        }

        return result.ToString();

        static bool IsWordStart(char c) => Characters.IsSpace(c) || WordStarts.Contains(c, StringComparison.Ordinal);
    }

    private static object Replace(RenderState state, object? value, object?[] a)
    {
        string text = Printing.Text(value);
        string old = Printing.Text(a[0]);
        string replacement = Printing.Text(a[1]);
        long count = a.Or(2, null) is null ? -1 : a.Integer(2, -1);
        if (!state.AutoEscape)
            return StringMethods.Replace(text, old, replacement, count);
        bool markup = value is Markup || a[0] is Markup || a[1] is Markup;
        if (!markup)
            return StringMethods.Replace(text, old, replacement, count);
        text = value is Markup ? text : Markup.Escape(text);
        return new Markup(StringMethods.Replace(text, old, a[1] is Markup ? replacement : Markup.Escape(replacement), count));
    }

    private static long WordCount(string text)
    {
        RenderBudget.Step(text.Length >> 4);
        long count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (Characters.IsWord(text[i]) && (i == 0 || !Characters.IsWord(text[i - 1])))
                count++;
        }

        return count;
    }

    private static string StripTags(string text)
    {
        RenderBudget.Text(text.Length * 3L);
        text = Without(text, "<!--", "-->");
        text = Without(text, "<", ">");
        return System.Net.WebUtility.HtmlDecode(string.Join(' ', Splitting.Split(text, null, -1).Items));
    }

    private static string Without(string text, string open, string close)
    {
        var result = new StringBuilder();
        int from = 0;
        for (int start = text.IndexOf(open, StringComparison.Ordinal); start >= 0; start = text.IndexOf(open, from, StringComparison.Ordinal))
        {
            int end = text.IndexOf(close, start, StringComparison.Ordinal);
            if (end < 0)
                break;
            result.Append(text, from, start - from);
            from = end + close.Length;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    private static object Indent(object? value, object? width, bool first, bool blank)
    {
        string indention = Texts.TryGet(width, out string given) ? given : Texts.Repeat(" ", Integers.Clamp(width));
        if (!Texts.TryGet(value, out string text))
            throw Undefined.FaultOr(value, () => value is PyList
                ? new TemplateFault("AttributeError", "'list' object has no attribute 'splitlines'")
                : TemplateFault.TypeError($"unsupported operand type(s) for +=: '{TypeNames.Of(value)}' and 'str'"));
        var result = new TextBuffer();
        object?[] lines = Splitting.Lines(text + "\n", keepEnds: false).Items;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = (string)lines[i]!;
            if (i > 0)
                result.Append("\n");
            if (i == 0 ? first : blank || line.Length > 0)
                result.Append(indention);
            result.Append(line);
        }

        return value is Markup ? new Markup(result.ToString()) : result.ToString();
    }

    private static object Truncate(object? value, long length, bool killWords, string end, long leeway)
    {
        int endLength = Texts.Length(end);
        if (length < endLength)
            throw new TemplateFault("AssertionError", $"expected length >= {endLength}, got {length}");
        if (leeway < 0)
            throw new TemplateFault("AssertionError", $"expected leeway >= 0, got {leeway}");
        long actual = Collections.Length(value);
        if (actual <= length + leeway)
            return value!;
        if (!Texts.TryGet(value, out string text))
        {
            throw value is PySequence && !killWords
                ? new TemplateFault("AttributeError", $"'{TypeNames.Of(value)}' object has no attribute 'rsplit'")
                : TemplateFault.TypeError($"'{TypeNames.Of(value)}' object cannot be truncated: it is no text");
        }

        string kept = Texts.Slice(text, new SliceBounds(0, length - endLength, 1));
        if (!killWords && kept.LastIndexOf(' ') is var space and >= 0)
            kept = kept[..space];
        return value is Markup ? new Markup(kept + Markup.Escape(end)) : kept + end;
    }

    private static object? Format(object? value, object?[] positional, KeyValuePair<string, object?>[] named)
    {
        if (positional.Length > 0 && named.Length > 0)
            throw Filters.ArgumentError("can't handle positional and keyword arguments at the same time");
        object? format = value is Markup ? value : Printing.Text(value);
        if (named.Length == 0)
            return Operators.Modulo(format, new PyTuple(positional));
        var dict = new PyDict(named.Length);
        foreach ((string name, object? item) in named)
            dict.Set(name, item);
        return Operators.Modulo(format, dict);
    }

    private static string UrlEncode(object? value)
    {
        if (value is string or Markup || Collections.TryIterate(value) is not { } items)
            return Quote(Printing.Text(value), query: false);
        if (value is PyDict dict)
            items = dict.Entries.Select(e => (object?)new PyTuple([e.Key, e.Value]));
        var pairs = new List<string>();
        foreach (object? item in items)
        {
            RenderBudget.Step();
            object?[] pair = Collections.ToArray(item);
            if (pair.Length != 2)
                throw TemplateFault.ValueError($"{(pair.Length > 2 ? "too many" : "not enough")} values to unpack (expected 2)");
            pairs.Add($"{Quote(Printing.Text(pair[0]), query: true)}={Quote(Printing.Text(pair[1]), query: true)}");
        }

        return string.Join('&', pairs);
    }

    private static string Quote(string text, bool query)
    {
        RenderBudget.Text(text.Length * 3L);
        if (Characters.CodePoints(text).Any(p => p is >= 0xD800 and <= 0xDFFF))
            throw new TemplateFault("UnicodeEncodeError", "'utf-8' codec can't encode the text: surrogates not allowed");
        var result = new StringBuilder();
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            char c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '~' || c == '/' && !query)
                result.Append(c);
            else if (c == ' ' && query)
                result.Append('+');
            else
                result.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return result.ToString();
    }

    private static object XmlAttributes(RenderState state, object? value, bool autospace)
    {
        if (value is not PyDict dict)
            throw Undefined.FaultOr(value, () => new TemplateFault("AttributeError", $"'{TypeNames.Of(value)}' object has no attribute 'items'"));
        var result = new TextBuffer();
        bool any = false;
        foreach ((object? key, object? item) in dict.Entries)
        {
            if (item is null or Undefined)
                continue;
            if (!Texts.TryGet(key, out string name))
                throw TemplateFault.TypeError($"expected string or bytes-like object, got '{TypeNames.Of(key)}'");
            if (name.AsSpan().IndexOfAny(NoAttributeName) >= 0)
                throw TemplateFault.ValueError($"Invalid character in attribute name: {Printing.Repr(name)}");
            string shown = item is Markup markup ? markup.Text : Markup.Escape(Printing.Text(item));
            result.Append($"{(any || autospace ? " " : "")}{(key is Markup ? name : Markup.Escape(name))}=\"{shown}\"");
            any = true;
        }

        return state.Captured(result.ToString());
    }
}
