using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Filters that measure, order, cut and combine sequences.</summary>
internal static class SequenceFilters
{
    private static readonly string[] GroupFields = ["grouper", "list"];

    public static readonly NativeFunction[] All =
    [
        new("length", "", (_, v, _) => Integers.Box(Collections.Length(v))),
        new("list", "", (_, v, _) => new PyList(Collections.ToArray(v))),
        new("first", "", (_, v, _) => First(v)),
        new("last", "", (_, v, _) => Last(v)),
        new("random", "", (state, v, _) => Random(state, v)),
        new("reverse", "", (_, v, _) => Reverse(v)),
        new("join", "d=, attribute=", (state, v, a) => Join(state, v, a)),
        new("items", "", (_, v, _) => new PyIterator("generator", Items(v))),
        new("dictsort", "case_sensitive=, by=, reverse=", (_, v, a) => DictSort(v, a.Flag(0, false), a.Or(1, "key"), a.Integer(2, 0) != 0)),
        new("sort", "reverse=, case_sensitive=, attribute=", (state, v, a) =>
            new PyList(Sorting.Sort(Collections.ToArray(v), Keys.Multiple(state, a.Or(2, null), a.Flag(1, false)), a.Integer(0, 0) != 0))),
        new("unique", "case_sensitive=, attribute=", (state, v, a) =>
            new PyIterator("generator", Unique(v, Keys.Single(state, a.Or(1, null), ignoreCase: !a.Flag(0, false), null)))),
        new("min", "case_sensitive=, attribute=", (state, v, a) => Extreme(state, v, a, "<")),
        new("max", "case_sensitive=, attribute=", (state, v, a) => Extreme(state, v, a, ">")),
        new("sum", "attribute=, start=", (state, v, a) => Sum(state, v, a.Or(0, null), a.Or(1, Integers.Box(0)))),
        new("batch", "linecount, fill_with=", (_, v, a) => new PyIterator("generator", Batch(v, Integers.Clamp(a[0]), a.Or(1, null)))),
        new("slice", "slices, fill_with=", (_, v, a) => new PyIterator("generator", Slice(v, Integers.Clamp(a[0]), a.Or(1, null)))),
        new("groupby", "attribute, default=, case_sensitive=", (state, v, a) => GroupBy(state, v, a[0], a.Or(1, null), a.Flag(2, false))),
    ];

    private static object? First(object? value)
    {
        if (value is PyIterator iterator)
            return iterator.TryNext(out object? next) ? next : Nothing();
        foreach (object? item in Collections.Iterate(value))
            return item;
        return Nothing();

        static Undefined Nothing() => new("No first item, sequence was empty.");
    }

    private static object? Last(object? value)
    {
        if (value is PySequence { Items.Length: > 0 } sequence)
            return sequence.Items[^1];
        if (value is Markup { Text.Length: > 0 } markup)
            return new Markup((string)Texts.Characters(markup.Text).Last()!);
        if (value is PyDict { Count: > 0 } dict)
            return dict.KeyAt(dict.Count - 1);
        foreach (object? item in Reversed(value) ?? throw NotReversible(value))
            return item;
        return new Undefined("No last item, sequence was empty.");
    }

    private static TemplateFault NotReversible(object? value) => TemplateFault.TypeError($"'{TypeNames.Of(value)}' object is not reversible");

    /// <summary>The items from the end; null for values that Python cannot go through backwards.</summary>
    private static object?[]? Reversed(object? value)
    {
        if (value is not (PySequence or PyDict or PyDictView or PyRange or PyBytes or string or Markup or Undefined))
            return null;
        object?[] items = Collections.ToArray(value);
        Array.Reverse(items);
        return items;
    }

    private static object? Random(RenderState state, object? value)
    {
        long length = Collections.Length(value);
        if (length == 0)
            return new Undefined("No random item, sequence was empty.");
        object index = Integers.Box(state.NextRandom((int)length));
        return Attributes.TryElement(state, value, index, out object? item) ? item : throw new TemplateFault("KeyError", Printing.Repr(index));
    }

    private static object? Reverse(object? value)
    {
        if (Texts.TryGet(value, out string text))
        {
            string reversed = Texts.Slice(text, new SliceBounds(null, null, -1));
            return value is Markup ? new Markup(reversed) : reversed;
        }

        if (Reversed(value) is { } items)
            return new PyIterator($"{TypeNames.Of(value)}_reverseiterator", items);
        object?[] rest = Collections.ToArray(Collections.TryIterate(value) ?? throw Filters.ArgumentError("argument must be iterable"));
        Array.Reverse(rest);
        return new PyList(rest);
    }

    private static object Join(RenderState state, object? value, object?[] a)
    {
        object? separator = a.Or(0, "");
        IEnumerable<object?> items = Collections.Iterate(value);
        if (a.Or(1, null) is { } attribute)
            items = items.Select(Keys.Single(state, attribute, ignoreCase: false, null));
        object?[] parts = Collections.ToArray(items);
        bool markup = state.AutoEscape && (separator is Markup || Array.Exists(parts, p => p is Markup));
        var text = new TextBuffer();
        for (int i = 0; i < parts.Length; i++)
        {
            if (i > 0)
                text.Append(Shown(separator, markup));
            text.Append(Shown(parts[i], markup));
        }

        return markup ? new Markup(text.ToString()) : text.ToString();

        static string Shown(object? part, bool markup) => markup && part is not Markup ? Markup.Escape(Printing.Text(part)) : Printing.Text(part);
    }

    private static IEnumerable<object?> Items(object? value)
    {
        if (value is Undefined)
            yield break;
        if (value is not PyDict dict)
            throw TemplateFault.TypeError("Can only get item pairs from a mapping.");
        foreach ((object? key, object? item) in dict.Entries)
            yield return new PyTuple([key, item]);
    }

    private static PyList DictSort(object? value, bool caseSensitive, object? by, bool reverse)
    {
        if (by is not ("key" or "value"))
            throw Filters.ArgumentError("You can only sort by either \"key\" or \"value\"");
        if (value is not PyDict dict)
            throw Undefined.FaultOr(value, () => new TemplateFault("AttributeError", $"'{TypeNames.Of(value)}' object has no attribute 'items'"));
        bool byKey = by is "key";
        KeyValuePair<object?, object?>[] sorted = Sorting.Sort(
            [.. dict.Entries],
            e => caseSensitive ? byKey ? e.Key : e.Value : Keys.IgnoreCase(byKey ? e.Key : e.Value),
            reverse);
        return new PyList(Array.ConvertAll(sorted, e => (object?)new PyTuple([e.Key, e.Value])));
    }

    private static IEnumerable<object?> Unique(object? value, Func<object?, object?> key)
    {
        var seen = new PyDict();
        foreach (object? item in Collections.Iterate(value))
        {
            RenderBudget.Items(2);
            object? mark = key(item);
            if (seen.TryGet(mark, out _))
                continue;
            seen.Set(mark, true);
            yield return item;
        }
    }

    private static object? Extreme(RenderState state, object? value, object?[] a, string symbol)
    {
        Func<object?, object?> key = Keys.Single(state, a.Or(1, null), ignoreCase: !a.Flag(0, false), null);
        bool any = false;
        object? best = null;
        object? bestKey = null;
        foreach (object? item in Collections.Iterate(value))
        {
            RenderBudget.Step();
            object? itemKey = key(item);
            if (any && !Comparison.Ordered(itemKey, bestKey, symbol))
                continue;
            any = true;
            best = item;
            bestKey = itemKey;
        }

        return any ? best : new Undefined("No aggregated item, sequence was empty.");
    }

    private static object? Sum(RenderState state, object? value, object? attribute, object? start)
    {
        if (start is string or Markup)
            throw TemplateFault.TypeError("sum() can't sum strings [use ''.join(seq) instead]");
        Func<object?, object?> key = attribute is null ? v => v : Keys.Single(state, attribute, ignoreCase: false, null);
        object? total = start;
        foreach (object? item in Collections.Iterate(value))
        {
            RenderBudget.Step();
            total = Operators.Add(total, key(item));
        }

        return total;
    }

    private static IEnumerable<object?> Batch(object? value, long size, object? fill)
    {
        var batch = new List<object?>();
        foreach (object? item in Collections.Iterate(value))
        {
            RenderBudget.Items(2);
            if (batch.Count == size)
            {
                yield return new PyList([.. batch]);
                batch.Clear();
            }

            batch.Add(item);
        }

        if (batch.Count == 0)
            yield break;
        if (fill is not null && batch.Count < size)
        {
            RenderBudget.Items(size - batch.Count);
            batch.AddRange(Enumerable.Repeat(fill, (int)(size - batch.Count)));
        }

        yield return new PyList([.. batch]);
    }

    private static IEnumerable<object?> Slice(object? value, long slices, object? fill)
    {
        object?[] items = Collections.ToArray(value);
        if (slices == 0)
            throw Numbers.ZeroDivision("integer division or modulo by zero");
        long size = slices > 0 ? items.Length / slices : 0;
        long larger = slices > 0 ? items.Length % slices : 0;
        long start = 0;
        for (long slice = 0; slice < slices; slice++)
        {
            long count = slice < larger ? size + 1 : size;
            RenderBudget.Items(count);
            var part = new List<object?>(items[(int)start..(int)(start + count)]);
            start += count;
            if (fill is not null && slice >= larger)
                part.Add(fill);
            yield return new PyList([.. part]);
        }
    }

    private static PyList GroupBy(RenderState state, object? value, object? attribute, object? fallback, bool caseSensitive)
    {
        Func<object?, object?> key = Keys.Single(state, attribute, ignoreCase: !caseSensitive, fallback);
        Func<object?, object?> shown = Keys.Single(state, attribute, ignoreCase: false, fallback);
        var groups = new List<(object? Key, List<object?> Items)>();
        foreach (object? item in Sorting.Sort(Collections.ToArray(value), key, reverse: false))
        {
            RenderBudget.Items(2);
            object? itemKey = key(item);
            if (groups.Count == 0 || !Comparison.IsOrEquals(groups[^1].Key, itemKey))
                groups.Add((itemKey, []));
            groups[^1].Items.Add(item);
        }

        return new PyList([.. groups.Select(g => (object?)new PyTuple([shown(g.Items[0]), new PyList([.. g.Items])], GroupFields))]);
    }
}
