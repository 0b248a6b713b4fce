
namespace RecursiveMas.Checkpoints.Pt;

// What a pickle may describe, as data. Besides these: string, long, BigInteger, double, bool, and null for None.

/// <summary>A container of other values, with the depth of what it holds.</summary>
internal abstract class PickleContainer
{
    /// <summary>Levels of containers in this one when it was last changed, itself included.</summary>
    public int Depth { get; set; } = 1;
}

/// <summary>A tuple.</summary>
internal sealed class PickleTuple(object?[] items) : PickleContainer
{
    public object?[] Items { get; } = items;
}

/// <summary>A list.</summary>
internal sealed class PickleList : PickleContainer
{
    public List<object?> Items { get; } = [];
}

/// <summary>A dict, or an OrderedDict.</summary>
internal sealed class PickleDict(bool ordered) : PickleContainer
{
    private HashSet<object>? _keys;

    public bool Ordered { get; } = ordered;

    public List<KeyValuePair<object?, object?>> Items { get; } = [];

    /// <summary>Adds an entry; false if the key is there already.</summary>
    public bool TryAdd(object? key, object? value)
    {
        _keys ??= new HashSet<object>(KeyComparer.Instance);
        if (!_keys.Add(key ?? DBNull.Value))
            return false;
        Items.Add(new(key, value));
        return true;
    }

    // Numbers hash to themselves, so a file could choose keys that all collide.
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static KeyComparer Instance { get; } = new();

        public new bool Equals(object? x, object? y) => object.Equals(x, y);

        public int GetHashCode(object key) => key switch
        {
            long number => HashCode.Combine((int)number, (int)(number >> 32)),
            double number => GetHashCode(BitConverter.DoubleToInt64Bits(number)),
            _ => key.GetHashCode(),
        };
    }
}

/// <summary>A name from the allow-list. It stands for itself and is never resolved.</summary>
internal sealed record PickleSymbol(PickleSymbolKind Kind, string Name, ElementType Type = default, int ElementSize = 0);

/// <summary>What a symbol may be used for.</summary>
internal enum PickleSymbolKind
{
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    Storage,
}
