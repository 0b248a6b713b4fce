using System.Text;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Methods of lists, tuples, dictionaries, ranges and bytes that change nothing.</summary>
internal static class ContainerMethods
{
    public static readonly Dictionary<string, NativeFunction> Dict = Table(
        new("get", "key, default=", (_, self, a) => ((PyDict)self!).TryGet(a[0], out object? value) ? value : a.Or(1, null)),
        new("keys", "", (_, self, _) => new PyDictView((PyDict)self!, DictViewKind.Keys)),
        new("values", "", (_, self, _) => new PyDictView((PyDict)self!, DictViewKind.Values)),
        new("items", "", (_, self, _) => new PyDictView((PyDict)self!, DictViewKind.Items)),
        new("copy", "", (_, self, _) => self),
        new("fromkeys", "iterable, value=", (_, _, a) => FromKeys(a[0], a.Or(1, null))));

    public static readonly Dictionary<string, NativeFunction> Sequence = Table(
        new("index", "value, start=, stop=", (_, self, a) => Index((PySequence)self!, a)),
        new("count", "value", (_, self, a) => Count(((PySequence)self!).Items, a[0])));

    public static readonly Dictionary<string, NativeFunction> List = Table(new NativeFunction("copy", "", (_, self, _) => self));

    public static readonly Dictionary<string, NativeFunction> Range = Table(
        new("index", "value", (_, self, a) => Integers.TryLong(a[0], out long value) && ((PyRange)self!).Contains(value)
            ? Integers.Box((value - ((PyRange)self).Start) / ((PyRange)self).Step)
            : throw TemplateFault.ValueError($"{Printing.Repr(a[0])} is not in range")),
        new("count", "value", (_, self, a) => Integers.Box(Integers.TryLong(a[0], out long value) && ((PyRange)self!).Contains(value) ? 1 : 0)));

    public static readonly Dictionary<string, NativeFunction> View = Table(
        new NativeFunction("isdisjoint", "other", (_, self, a) => !Collections.ToArray(a[0]).Any(item => Collections.Contains(self, item))));

    public static readonly Dictionary<string, NativeFunction> Bytes = Table(
        new("decode", "encoding=, errors=", (_, self, _) => Decode((PyBytes)self!)),
        new("hex", "", (_, self, _) => Convert.ToHexStringLower(((PyBytes)self!).Data)));

    /// <summary>Methods of bytes that Python has and this engine has not.</summary>
    public static readonly HashSet<string> OtherBytes =
    [
        "capitalize", "center", "count", "endswith", "expandtabs", "find", "fromhex", "index", "isalnum", "isalpha", "isascii", "isdigit", "islower",
        "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip", "maketrans", "partition", "removeprefix", "removesuffix", "replace", "rfind",
        "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "translate", "upper", "zfill",
    ];

    public static Dictionary<string, NativeFunction> Table(params NativeFunction[] functions) => functions.ToDictionary(f => f.Name);

    private static PyDict FromKeys(object? keys, object? value)
    {
        object?[] all = Collections.ToArray(keys);
        RenderBudget.Items(4L * all.Length);
        var dict = new PyDict(all.Length);
        foreach (object? key in all)
            dict.Set(key, value);
        return dict;
    }

    private static object Index(PySequence sequence, object?[] a)
    {
        SliceBounds bounds = SliceBounds.From(a.Or(1, null), a.Or(2, null), null);
        foreach (int i in bounds.Resolve(sequence.Items.Length))
        {
            RenderBudget.Step();
            if (Comparison.IsOrEquals(sequence.Items[i], a[0]))
                return Integers.Box(i);
        }

        throw TemplateFault.ValueError(sequence is PyList ? $"{Printing.Repr(a[0])} is not in list" : "tuple.index(x): x not in tuple");
    }

    private static object Count(object?[] items, object? value)
    {
        RenderBudget.Step(items.Length);
        return Integers.Box(items.Count(i => Comparison.IsOrEquals(i, value)));
    }

    private static string Decode(PyBytes bytes)
    {
        RenderBudget.Text(bytes.Data.Length);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.Data);
        }
        catch (DecoderFallbackException)
        {
            throw new TemplateFault("UnicodeDecodeError", "'utf-8' codec can't decode the bytes");
        }
    }
}
