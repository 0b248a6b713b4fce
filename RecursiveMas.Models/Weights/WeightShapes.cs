using RecursiveMas.Checkpoints;

namespace RecursiveMas.Weights;

/// <summary>The weights that a configuration demands: normalised name → shape. The one place where the shapes of a model are stated.</summary>
internal sealed class WeightShapes
{
    private readonly Dictionary<string, long[]> _shapes = new(StringComparer.Ordinal);

    /// <summary>Names and shapes in the order in which they were added.</summary>
    public IReadOnlyDictionary<string, long[]> All => _shapes;

    /// <summary>Number of elements of all weights together.</summary>
    public long ElementCount => _shapes.Values.Sum(Elements);

    public long[] this[string name] => _shapes[name];

    public static long Elements(long[] shape) => shape.Aggregate(1L, (product, extent) => checked(product * extent));

    public bool Contains(string name) => _shapes.ContainsKey(name);

    public void Add(string name, params long[] shape) => _shapes.Add(name, shape);

    /// <summary>A linear map: <c>name.weight</c> [out, in] and, where there is one, <c>name.bias</c> [out].</summary>
    public void AddLinear(string name, long input, long output, bool bias = false)
    {
        Add($"{name}.weight", output, input);
        if (bias)
            Add($"{name}.bias", output);
    }
}
