using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>A dictionary in order of insertion, with Python's equality of keys: 1, 1.0 and true are one key.</summary>
internal sealed class PyDict : IPyObject
{
    private static readonly object NoneKey = new();

    private readonly OrderedDictionary<object, object?> _entries;

    public PyDict(int capacity = 0) => _entries = new OrderedDictionary<object, object?>(capacity, KeyComparer.Instance);

    public string TypeName => "dict";

    public int Count => _entries.Count;

    public IEnumerable<object?> Keys => _entries.Keys.Select(k => ReferenceEquals(k, NoneKey) ? null : k);

    public IEnumerable<object?> Values => _entries.Values;

    public IEnumerable<KeyValuePair<object?, object?>> Entries =>
        _entries.Select(e => new KeyValuePair<object?, object?>(ReferenceEquals(e.Key, NoneKey) ? null : e.Key, e.Value));

    /// <exception cref="TemplateFault">The key cannot be hashed.</exception>
    public bool TryGet(object? key, out object? value) => _entries.TryGetValue(Hashable(key), out value);

    public bool TryGet(string key, out object? value) => _entries.TryGetValue(key, out value);

    /// <summary>Adds or replaces; only while the dictionary is being built.</summary>
    /// <exception cref="TemplateFault">The key cannot be hashed.</exception>
    public void Set(object? key, object? value) => _entries[Hashable(key)] = value;

    public object? KeyAt(int index) => _entries.GetAt(index).Key is var key && ReferenceEquals(key, NoneKey) ? null : key;

    public object? ValueAt(int index) => _entries.GetAt(index).Value;

    public static bool IsHashable(object? key) => key switch
    {
        PyList or PyDict or PyDictView { Kind: not DictViewKind.Values } => false,
        PyTuple tuple => AreHashable(tuple),
        _ => true,
    };

    private static bool AreHashable(PyTuple tuple)
    {
        using StackGuard.Level level = StackGuard.Deeper();
        RenderBudget.Step(tuple.Items.Length + 1);
        return Array.TrueForAll(tuple.Items, IsHashable);
    }

    private static object Hashable(object? key)
    {
        if (key is string text)
        {
            RenderBudget.Step(text.Length >> 6);
            return key;
        }

        if (!IsHashable(key))
            throw TemplateFault.TypeError($"unhashable type: '{TypeNames.Of(key is PyTuple tuple ? tuple.Items.First(i => !IsHashable(i)) : key)}'");
        return key ?? NoneKey;
    }

    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static readonly KeyComparer Instance = new();

        // Counted, so that keys made to collide cost their template and not the process.
        public new bool Equals(object? x, object? y) => ReferenceEquals(x, y) || CountedEquals(x, y);

        private static bool CountedEquals(object? x, object? y)
        {
            RenderBudget.Step();
            return x is string a && y is string b ? string.Equals(a, b, StringComparison.Ordinal) : Comparison.AreEqual(x, y);
        }

        public int GetHashCode([DisallowNull] object obj) => obj switch
        {
            string text => text.GetHashCode(StringComparison.Ordinal),
            Markup markup => markup.Text.GetHashCode(StringComparison.Ordinal),
            bool flag => (flag ? 1L : 0L).GetHashCode(),
            long number => number.GetHashCode(),
            double number => Math.Floor(number) == number && Math.Abs(number) < 9e18 ? ((long)number).GetHashCode() : number.GetHashCode(),
            BigInteger big => ((double)big).GetHashCode(),
            PyTuple tuple => TupleHash(tuple),
            Undefined => 1,
            _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj),
        };

        private int TupleHash(PyTuple tuple)
        {
            using StackGuard.Level level = StackGuard.Deeper();
            RenderBudget.Step(tuple.Items.Length + 1);
            var hash = new HashCode();
            foreach (object? item in tuple.Items)
                hash.Add(GetHashCode(item ?? NoneKey));
            return hash.ToHashCode();
        }
    }
}

internal enum DictViewKind
{
    Keys,
    Values,
    Items,
}

/// <summary>What keys(), values() and items() hand out.</summary>
internal sealed class PyDictView(PyDict owner, DictViewKind kind) : IPyObject
{
    public PyDict Owner { get; } = owner;

    public DictViewKind Kind { get; } = kind;

    public string TypeName => Kind switch { DictViewKind.Keys => "dict_keys", DictViewKind.Values => "dict_values", _ => "dict_items" };

    public IEnumerable<object?> Items => Kind switch
    {
        DictViewKind.Keys => Owner.Keys,
        DictViewKind.Values => Owner.Values,
        _ => Owner.Entries.Select(e => (object?)new PyTuple([e.Key, e.Value])),
    };
}
