using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>map, select, reject and their variants on attributes: lazy, like generators.</summary>
internal static class SelectionFilters
{
    public static readonly NativeFunction[] All =
    [
        new("map", "*args, **kwargs", (state, v, a) => new PyIterator("generator", Map(state, v, Positional(a), Named(a)))),
        new("select", "*args, **kwargs", (state, v, a) => Selection(state, v, a, wanted: true, attribute: false)),
        new("reject", "*args, **kwargs", (state, v, a) => Selection(state, v, a, wanted: false, attribute: false)),
        new("selectattr", "*args, **kwargs", (state, v, a) => Selection(state, v, a, wanted: true, attribute: true)),
        new("rejectattr", "*args, **kwargs", (state, v, a) => Selection(state, v, a, wanted: false, attribute: true)),
    ];

    private static object?[] Positional(object?[] a) => (object?[])a[0]!;

    private static KeyValuePair<string, object?>[] Named(object?[] a) => (KeyValuePair<string, object?>[])a[1]!;

    private static IEnumerable<object?> Map(RenderState state, object? value, object?[] positional, KeyValuePair<string, object?>[] named)
    {
        if (!Collections.IsTrue(value))
            yield break;
        Func<object?, object?> map = Mapping(state, positional, named);
        foreach (object? item in Collections.Iterate(value))
        {
            RenderBudget.Step();
            yield return map(item);
        }
    }

    private static Func<object?, object?> Mapping(RenderState state, object?[] positional, KeyValuePair<string, object?>[] named)
    {
        if (positional.Length == 0 && Array.Exists(named, n => n.Key == "attribute"))
        {
            if (Array.Find(named, n => n.Key is not ("attribute" or "default")).Key is { } unexpected)
                throw Filters.ArgumentError($"Unexpected keyword argument '{unexpected}'");
            object? attribute = Array.Find(named, n => n.Key == "attribute").Value;
            return Keys.Single(state, attribute, ignoreCase: false, Array.Find(named, n => n.Key == "default").Value);
        }

        if (positional.Length == 0)
            throw Filters.ArgumentError("map requires a filter argument");
        var arguments = new CallArguments(positional[1..], named);
        return item => Find(Filters.Table, positional[0], "filter").Invoke(state, item, arguments);
    }

    private static PyIterator Selection(RenderState state, object? value, object?[] a, bool wanted, bool attribute) =>
        new("generator", Select(state, value, Positional(a), Named(a), wanted, attribute));

    private static IEnumerable<object?> Select(
        RenderState state, object? value, object?[] positional, KeyValuePair<string, object?>[] named, bool wanted, bool attribute)
    {
        if (!Collections.IsTrue(value))
            yield break;
        if (attribute && positional.Length == 0)
            throw Filters.ArgumentError("Missing parameter for attribute name");
        Func<object?, object?> look = attribute ? Keys.Single(state, positional[0], ignoreCase: false, null) : item => item;
        int at = attribute ? 1 : 0;
        Func<object?, object?> test = item => item;
        if (positional.Length > at)
        {
            var arguments = new CallArguments(positional[(at + 1)..], named);
            test = item => Find(Tests.Table, positional[at], "test").Invoke(state, item, arguments);
        }

        foreach (object? item in Collections.Iterate(value))
        {
            RenderBudget.Step();
            if (Collections.IsTrue(test(look(item))) == wanted)
                yield return item;
        }
    }

    private static NativeFunction Find(Dictionary<string, NativeFunction> table, object? name, string kind) =>
        Texts.TryGet(name, out string text) && table.TryGetValue(text, out NativeFunction? function)
            ? function
            : throw TemplateFault.Runtime($"No {kind} named {Printing.Repr(name)}.");
}
