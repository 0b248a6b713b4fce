using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>Truth, length, membership and iteration.</summary>
internal static class Collections
{
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        string text => text.Length > 0,
        long number => number != 0,
        double number => number != 0,
        System.Numerics.BigInteger => true,
        PySequence sequence => sequence.Items.Length > 0,
        PyDict dict => dict.Count > 0,
        Markup markup => markup.Text.Length > 0,
        PyRange range => range.Count > 0,
        PyDictView view => view.Owner.Count > 0,
        PyBytes bytes => bytes.Data.Length > 0,
        _ => true,
    };

    public static bool TryLength(object? value, out long length)
    {
        length = value switch
        {
            string text => Texts.Length(text),
            Markup markup => Texts.Length(markup.Text),
            PySequence sequence => sequence.Items.Length,
            PyDict dict => dict.Count,
            PyRange range => range.Count,
            PyDictView view => view.Owner.Count,
            PyBytes bytes => bytes.Data.Length,
            Undefined => 0,
            IPyIterable iterable => iterable.Length,
            _ => -1,
        };
        return length >= 0;
    }

    public static long Length(object? value) =>
        TryLength(value, out long length) ? length : throw TemplateFault.TypeError($"object of type '{TypeNames.Of(value)}' has no len()");

    /// <summary>The items of a value; null if it has none. An iterator is used up.</summary>
    public static IEnumerable<object?>? TryIterate(object? value) => value switch
    {
        PySequence sequence => sequence.Items,
        string text => Texts.Characters(text),
        Markup markup => Texts.Characters(markup.Text),
        PyDict dict => dict.Keys,
        PyDictView view => view.Items,
        PyRange range => Range(range),
        PyIterator iterator => iterator.Rest(),
        PyBytes bytes => bytes.Data.Select(b => (object?)Integers.Box(b)),
        IPyIterable iterable => iterable.Rest(),
        Undefined => [],
        _ => null,
    };

    public static IEnumerable<object?> Iterate(object? value) =>
        TryIterate(value) ?? throw TemplateFault.TypeError($"'{TypeNames.Of(value)}' object is not iterable");

    /// <summary>All items in a new array, counted.</summary>
    public static object?[] ToArray(object? value)
    {
        if (value is PySequence sequence)
        {
            RenderBudget.Items(sequence.Items.Length);
            return [.. sequence.Items];
        }

        return ToArray(Iterate(value));
    }

    public static object?[] ToArray(IEnumerable<object?> items)
    {
        var list = new List<object?>();
        foreach (object? item in items)
        {
            RenderBudget.Step();
            RenderBudget.Items(2);
            list.Add(item);
        }

        return [.. list];
    }

    public static bool Contains(object? container, object? item)
    {
        RenderBudget.Step();
        switch (container)
        {
            case string or Markup:
                Texts.TryGet(container, out string text);
                if (!Texts.TryGet(item, out string part))
                    throw TemplateFault.TypeError($"'in <string>' requires string as left operand, not {TypeNames.Of(item)}");
                RenderBudget.Step(text.Length >> 6);
                return text.Contains(part, StringComparison.Ordinal);
            case PyDict dict:
                return dict.TryGet(item, out _);
            case PyDictView { Kind: DictViewKind.Keys } keys:
                return keys.Owner.TryGet(item, out _);
            case PyRange range when Integers.Is(item):
                return Integers.TryLong(item, out long number) && range.Contains(number);
            default:
                IEnumerable<object?> items = TryIterate(container)
                    ?? throw TemplateFault.TypeError($"argument of type '{TypeNames.Of(container)}' is not iterable");
                foreach (object? candidate in items)
                {
                    RenderBudget.Step();
                    if (Comparison.IsOrEquals(candidate, item))
                        return true;
                }

                return false;
        }
    }

    private static IEnumerable<object?> Range(PyRange range)
    {
        for (long i = 0; i < range.Count; i++)
            yield return Integers.Box(range[i]);
    }
}
