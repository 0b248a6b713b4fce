using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>A list or tuple. The sandbox forbids every method that would change one, so the items never change.</summary>
internal abstract class PySequence(object?[] items) : IPyObject
{
    public object?[] Items { get; } = items;

    public abstract string TypeName { get; }

    public abstract PySequence With(object?[] items);
}

internal sealed class PyList(object?[] items) : PySequence(items)
{
    public override string TypeName => "list";

    public override PySequence With(object?[] items) => new PyList(items);
}

/// <param name="items">The items.</param>
/// <param name="fields">Attribute names of a named tuple, null for a plain one.</param>
internal sealed class PyTuple(object?[] items, string[]? fields = null) : PySequence(items)
{
    public static readonly PyTuple Empty = new([]);

    public override string TypeName => "tuple";

    public string[]? Fields { get; } = fields;

    public override PySequence With(object?[] items) => new PyTuple(items);
}

/// <summary>Text that is known to be safe HTML: what is added to it is escaped.</summary>
internal sealed class Markup(string text) : IPyObject
{
    public string Text { get; } = text;

    public string TypeName => "Markup";

    public static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAny("&<>\"'") < 0)
            return text;
        return text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal);
    }
}

internal sealed class PyBytes(byte[] data) : IPyObject
{
    public byte[] Data { get; } = data;

    public string TypeName => "bytes";
}

/// <summary>Numbers from start in steps, before stop.</summary>
internal sealed class PyRange : IPyObject
{
    public PyRange(long start, long stop, long step)
    {
        Start = start;
        Stop = stop;
        Step = step;
        Int128 span = step > 0 ? (Int128)stop - start : (Int128)start - stop;
        Int128 magnitude = step > 0 ? step : -(Int128)step;
        Int128 count = span <= 0 ? 0 : (span + magnitude - 1) / magnitude;
        Count = count > long.MaxValue ? long.MaxValue : (long)count;
    }

    public long Start { get; }

    public long Stop { get; }

    public long Step { get; }

    public long Count { get; }

    public string TypeName => "range";

    public long this[long index] => Start + index * Step;

    public bool Contains(long value) =>
        Count > 0 && (Step > 0 ? value >= Start && value < Stop : value <= Start && value > Stop) && ((Int128)value - Start) % Step == 0;
}

/// <summary>Something that can be gone through once, item by item.</summary>
internal sealed class PyIterator(string typeName, IEnumerable<object?> items) : IPyObject
{
    private readonly IEnumerator<object?> _items = items.GetEnumerator();

    public string TypeName { get; } = typeName;

    public bool TryNext(out object? item)
    {
        // Iterators over iterators over iterators may be longer than the stack.
        using StackGuard.Level level = StackGuard.Deeper();
        bool found = _items.MoveNext();
        item = found ? _items.Current : null;
        return found;
    }

    public IEnumerable<object?> Rest()
    {
        while (TryNext(out object? item))
            yield return item;
    }
}

/// <summary>Values that outlive a loop's scope and can be assigned to from inside it.</summary>
internal sealed class PyNamespace : IPyObject
{
    public Dictionary<string, object?> Attributes { get; } = [];

    public string TypeName => "jinja2.utils.Namespace";
}
