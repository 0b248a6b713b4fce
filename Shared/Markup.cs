using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace RecursiveMas.Shared;

/// <summary>HTML that is put together from literals of this library and values of anybody: every value that is no markup itself becomes text.</summary>
internal sealed class Markup
{
    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly StringBuilder _text = new();

    /// <summary>Appends literals and the values between them.</summary>
    public Markup Add(FormattableString text)
    {
        _text.Append(text.ToString(Escaping.Instance));
        return this;
    }

    /// <summary>Appends a text of this library as it is.</summary>
    public Markup AddOwn(string text)
    {
        _text.Append(text);
        return this;
    }

    public override string ToString() => _text.ToString();

    /// <summary>A page that stands alone: it has no script and loads nothing.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="style">Name of the resource in this library that holds its style sheet.</param>
    /// <param name="main">Its contents.</param>
    public static Markup Page(string title, string style, Markup main)
    {
        using var reader = new StreamReader(typeof(Markup).Assembly.GetManifestResourceStream(style)!);
        var page = new Markup();
        page.AddOwn("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
        page.AddOwn("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        // Were anything that is not ours ever taken for markup, it could neither run nor load.
        page.AddOwn("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n");
        page.AddOwn("<meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">\n");
        page.Add($"<title>{title}</title>\n").AddOwn($"<style>\n{reader.ReadToEnd()}</style></head>\n");
        return page.Add($"<body><main>\n{main}").AddOwn("</main></body></html>\n");
    }

    /// <summary>One piece of markup for each item.</summary>
    public static Markup Each<T>(IEnumerable<T> items, Func<T, FormattableString> piece)
    {
        var all = new Markup();
        foreach (T item in items)
            all.Add(piece(item));
        return all;
    }

    // What cannot be seen would hide something from the reader, and what turns the writing would turn the page.
    private static char Visible(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format && c is not ('\n' or '\t') ? '\uFFFD' : c;

    private sealed class Escaping : IFormatProvider, ICustomFormatter
    {
        public static Escaping Instance { get; } = new();

        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) => arg switch
        {
            Markup markup => markup.ToString(),
            IFormattable value => s_encoder.Encode(value.ToString(format, CultureInfo.InvariantCulture)),
            _ => s_encoder.Encode(string.Concat($"{arg}".Select(Visible))),
        };
    }
}
