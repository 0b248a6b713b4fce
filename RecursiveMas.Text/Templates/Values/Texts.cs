using System.Text;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>Text in code points, as Python counts it, on strings of UTF-16 units.</summary>
internal static class Texts
{
    private static readonly string[] Ascii = [.. Enumerable.Range(0, 128).Select(i => ((char)i).ToString())];

    /// <summary>The characters of a text, marked safe or not.</summary>
    public static bool TryGet(object? value, out string text)
    {
        text = value as string ?? (value as Markup)?.Text ?? "";
        return value is string or Markup;
    }

    public static bool HasSurrogates(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;

    public static int Length(string text)
    {
        int length = text.Length;
        RenderBudget.Step(length >> 8);
        if (!HasSurrogates(text))
            return length;
        RenderBudget.Step(length >> 4);
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && char.IsLowSurrogate(text[i + 1]))
            {
                length--;
                i++;
            }
        }

        return length;
    }

    public static string FromChar(char c) => c < 128 ? Ascii[c] : c.ToString();

    public static IEnumerable<object?> Characters(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                yield return text.Substring(i++, 2);
            else
                yield return FromChar(text[i]);
        }
    }

    /// <summary>Position in UTF-16 units of a code point.</summary>
    public static int UnitOffset(string text, int codePoint)
    {
        int unit = 0;
        for (; codePoint > 0; codePoint--)
            unit += unit + 1 < text.Length && char.IsHighSurrogate(text[unit]) && char.IsLowSurrogate(text[unit + 1]) ? 2 : 1;
        return unit;
    }

    /// <summary>Number of code points before a position in UTF-16 units.</summary>
    public static int CodePointOffset(string text, int unit) => HasSurrogates(text) ? Length(text[..unit]) : unit;

    public static bool TryIndex(string text, long index, out string? character)
    {
        int length = Length(text);
        if (index < 0)
            index += length;
        character = null;
        if (index < 0 || index >= length)
            return false;
        if (length == text.Length)
        {
            character = FromChar(text[(int)index]);
            return true;
        }

        RenderBudget.Step(index >> 4);
        int unit = UnitOffset(text, (int)index);
        bool pair = unit + 1 < text.Length && char.IsHighSurrogate(text[unit]) && char.IsLowSurrogate(text[unit + 1]);
        character = text.Substring(unit, pair ? 2 : 1);
        return true;
    }

    public static string Slice(string text, SliceBounds bounds)
    {
        if (!HasSurrogates(text))
            return Units(text, bounds);
        // One unit per code point: stepping over UTF-32 keeps pairs together.
        RenderBudget.Text(text.Length * 2L);
        int[] points = [.. Values.Characters.CodePoints(text)];
        var builder = new StringBuilder();
        foreach (int index in bounds.Resolve(points.Length))
            builder.AppendCodePoint(points[index]);
        return builder.ToString();
    }

    public static string Repeat(string text, long count)
    {
        if (count <= 0 || text.Length == 0)
            return "";
        if (count > int.MaxValue / text.Length)
            throw TemplateFault.Limit("the template makes too much text or too many values.");
        RenderBudget.Text(text.Length * count);
        return new StringBuilder(text.Length * (int)count).Insert(0, text, (int)count).ToString();
    }

    private static string Units(string text, SliceBounds bounds)
    {
        (int start, int count, long step) = bounds.Span(text.Length);
        RenderBudget.Text(count);
        if (step == 1)
            return text.Substring(start, count);
        return string.Create(count, (text, start, step), static (span, s) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = s.text[(int)(s.start + i * s.step)];
        });
    }
}

/// <summary>start:stop:step as written, each null where left out.</summary>
internal readonly record struct SliceBounds(long? Start, long? Stop, long Step)
{
    /// <exception cref="TemplateFault">A bound is no integer, or the step is 0.</exception>
    public static SliceBounds From(object? start, object? stop, object? step)
    {
        long width = step is null ? 1 : Bound(step);
        if (width == 0)
            throw TemplateFault.ValueError("slice step cannot be zero");
        return new SliceBounds(start is null ? null : Bound(start), stop is null ? null : Bound(stop), width);

        static long Bound(object value) => Integers.Is(value)
            ? Math.Clamp(Integers.Clamp(value), -int.MaxValue, int.MaxValue)
            : throw TemplateFault.TypeError("slice indices must be integers or None or have an __index__ method");
    }

    public (int Start, int Count, long Step) Span(int length)
    {
        long low = Step > 0 ? 0 : -1;
        long high = Step > 0 ? length : length - 1;
        long start = Start is { } s ? Math.Clamp(s < 0 ? s + length : s, low, high) : Step > 0 ? 0 : length - 1;
        long stop = Stop is { } e ? Math.Clamp(e < 0 ? e + length : e, low, high) : Step > 0 ? length : -1;
        long count = Step > 0 ? (stop - start + Step - 1) / Step : (start - stop - Step - 1) / -Step;
        return ((int)start, (int)Math.Max(count, 0), Step);
    }

    public IEnumerable<int> Resolve(int length)
    {
        (int start, int count, long step) = Span(length);
        for (int i = 0; i < count; i++)
            yield return (int)(start + i * step);
    }
}
