using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Runtime;

/// <summary>The "loop" of a for loop. Looks ahead only when it is asked to.</summary>
internal sealed class LoopContext : Callable, IPyIterable
{
    private readonly object? _iterable;
    private readonly Func<object?, int, object?>? _recurse;
    private IEnumerator<object?> _items;
    private object? _before = Missing.Value;
    private object? _current = Missing.Value;
    private object? _after = Missing.Value;
    private object? _lastChanged = Missing.Value;
    private long _length = -1;

    /// <param name="iterable">What is gone through.</param>
    /// <param name="items">Its items, filtered by the loop's test.</param>
    /// <param name="depth">Nesting of a recursive loop, from 0.</param>
    /// <param name="recurse">Runs the loop again on other items, at the given depth; null if the loop is not recursive.</param>
    public LoopContext(object? iterable, IEnumerable<object?> items, int depth, Func<object?, int, object?>? recurse)
    {
        _iterable = iterable;
        _items = items.GetEnumerator();
        _recurse = recurse;
        Depth0 = depth;
    }

    public override string TypeName => "jinja2.runtime.LoopContext";

    public long Index0 { get; private set; } = -1;

    public int Depth0 { get; }

    public bool First => Index0 == 0;

    public bool Last => ReferenceEquals(PeekNext(), Missing.Value);

    public object? Previous => First ? new Undefined("there is no previous item") : _before;

    public object? Next => PeekNext() is var next && ReferenceEquals(next, Missing.Value) ? new Undefined("there is no next item") : next;

    public long Length
    {
        get
        {
            if (_length >= 0)
                return _length;
            if (_iterable is not (null or LoopContext) && Collections.TryLength(_iterable, out _length))
                return _length;
            object?[] rest = Collections.ToArray(Remaining(_items));
            _items = ((IEnumerable<object?>)rest).GetEnumerator();
            return _length = rest.Length + Index0 + 1 + (ReferenceEquals(_after, Missing.Value) ? 0 : 1);
        }
    }

    public bool TryNext(out object? item)
    {
        item = PeekNext();
        _after = Missing.Value;
        if (ReferenceEquals(item, Missing.Value))
            return false;
        Index0++;
        _before = _current;
        _current = item;
        return true;
    }

    /// <summary>What is left, each with this loop, as iterating over the loop itself gives.</summary>
    public IEnumerable<object?> Rest()
    {
        while (TryNext(out object? item))
            yield return new PyTuple([item, this]);
    }

    public object? Cycle(object?[] values) => values.Length == 0
        ? throw TemplateFault.TypeError("no items for cycling given")
        : values[Index0 % values.Length];

    public bool Changed(object?[] values)
    {
        var tuple = new PyTuple(values);
        if (Comparison.AreEqual(_lastChanged, tuple))
            return false;
        _lastChanged = tuple;
        return true;
    }

    public override object? Call(RenderState state, CallArguments arguments)
    {
        if (_recurse is null)
            throw TemplateFault.TypeError("The loop must have the 'recursive' marker to be called recursively.");
        return arguments is { Positional.Length: 1, Named.Length: 0 }
            ? _recurse(arguments.Positional[0], Depth0 + 1)
            : throw TemplateFault.TypeError("loop() takes exactly one argument: the items to go through.");
    }

    public override string ToString() => $"<LoopContext {Index0 + 1}/{Length}>";

    private static IEnumerable<object?> Remaining(IEnumerator<object?> items)
    {
        while (items.MoveNext())
            yield return items.Current;
    }

    private object? PeekNext()
    {
        if (ReferenceEquals(_after, Missing.Value) && _items.MoveNext())
            _after = _items.Current;
        return _after;
    }
}
