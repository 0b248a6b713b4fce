using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Functions that every template can call.</summary>
internal static class Globals
{
    public static readonly Dictionary<string, object?> Table = new NativeFunction[]
    {
        new("raise_exception", "message", (_, _, a) => throw new TemplateFault(TemplateFault.RaisedType, Printing.Text(a[0]))),
        new("strftime_now", "format", (state, _, a) => DateFormat.Format(a.Text(0), state.Clock.GetLocalNow().DateTime)),
        new("range", "start, stop=, step=", (_, _, a) => Range(a)),
        new("dict", "*sources, **named", (_, _, a) => Dict((object?[])a[0]!, (KeyValuePair<string, object?>[])a[1]!)),
        new("namespace", "*sources, **named", (_, _, a) => Namespace((object?[])a[0]!, (KeyValuePair<string, object?>[])a[1]!)),
        new("cycler", "*items", (_, _, a) => a[0] is object?[] { Length: > 0 } items
            ? new CyclerValue(items)
            : throw new TemplateFault("RuntimeError", "at least one item has to be provided")),
        new("joiner", "sep=", (_, _, a) => new JoinerValue(a.Or(0, ", "))),
        new(
            "lipsum",
            "n=, html=, min=, max=",
            (_, _, _) => throw TemplateFault.Runtime("lipsum() makes random text, and a prompt has to be repeatable: it is not supported")),
    }.ToDictionary(f => f.Name, f => (object?)new BoundFunction(f, null));

    private static PyRange Range(object?[] a)
    {
        long start = a.Has(1) ? Number(a[0]) : 0;
        long stop = Number(a.Has(1) ? a[1] : a[0]);
        long step = a.Has(2) ? Number(a[2]) : 1;
        if (step == 0)
            throw TemplateFault.ValueError("range() arg 3 must not be zero");
        var range = new PyRange(start, stop, step);
        return range.Count <= TemplateLimits.RangeLength
            ? range
            : throw new TemplateFault("OverflowError", $"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({TemplateLimits.RangeLength}).");

        static long Number(object? value)
        {
            long number = Integers.Clamp(value);
            return value is System.Numerics.BigInteger ? throw TemplateFault.Limit("a range has bounds beyond 64 bits.") : number;
        }
    }

    private static PyDict Dict(object?[] sources, KeyValuePair<string, object?>[] named)
    {
        if (sources.Length > 1)
            throw TemplateFault.TypeError($"dict expected at most 1 argument, got {sources.Length}");
        var dict = new PyDict();
        if (sources.Length == 1 && sources[0] is PyDict source)
        {
            RenderBudget.Items(4L * source.Count);
            foreach ((object? key, object? value) in source.Entries)
                dict.Set(key, value);
        }
        else if (sources.Length == 1)
        {
            foreach (object? pair in Collections.Iterate(sources[0]))
            {
                RenderBudget.Items(4);
                object?[] parts = Collections.TryIterate(pair) is { } items
                    ? Collections.ToArray(items)
                    : throw TemplateFault.TypeError("cannot convert dictionary update sequence element to a sequence");
                if (parts.Length != 2)
                    throw TemplateFault.ValueError($"dictionary update sequence element has length {parts.Length}; 2 is required");
                dict.Set(parts[0], parts[1]);
            }
        }

        foreach ((string name, object? value) in named)
            dict.Set(name, value);
        return dict;
    }

    private static PyNamespace Namespace(object?[] sources, KeyValuePair<string, object?>[] named)
    {
        var space = new PyNamespace();
        foreach ((object? key, object? value) in Dict(sources, named).Entries)
        {
            if (Texts.TryGet(key, out string name))
                space.Attributes[name] = value;
        }

        return space;
    }
}
