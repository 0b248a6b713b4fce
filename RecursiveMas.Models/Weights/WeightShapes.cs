using RecursiveMas.Checkpoints;

namespace RecursiveMas.Weights;

/// <summary>The weights of a model, as its builder asks for them: normalised name → shape.</summary>
internal sealed class WeightShapes
{
    private readonly Dictionary<string, long[]> _shapes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _joined = new(StringComparer.Ordinal);

    /// <summary>Names and shapes in the order in which the builder asks for them.</summary>
    public IReadOnlyDictionary<string, long[]> All => _shapes;

    /// <summary>Number of elements of all weights together.</summary>
    public long ElementCount => _shapes.Values.Sum(Elements);

    public long[] this[string name] => _shapes[name];

    public static long Elements(long[] shape) => shape.Aggregate(1L, (product, extent) => checked(product * extent));

    public bool Contains(string name) => _shapes.ContainsKey(name);

    public void Add(string name, params long[] shape) => _shapes.Add(name, shape);

    /// <summary>Notes weights that read the same input, and so become one product where weights may be copied.</summary>
    public void Join(IReadOnlyList<string> names)
    {
        foreach (string name in names)
            _joined.Add(name, names);
    }

    /// <summary>The weights that one is joined with, itself included; it alone where it is joined with none.</summary>
    public IReadOnlyList<string> JoinedWith(string name) => _joined.GetValueOrDefault(name) ?? [name];
}
