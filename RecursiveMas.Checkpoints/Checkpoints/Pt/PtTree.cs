using System.Globalization;

namespace RecursiveMas.Checkpoints.Pt;

/// <summary>What a saved value contains, named by paths: keys and positions joined by dots.</summary>
/// <param name="Tensors">The tensors, in file order.</param>
/// <param name="Values">Everything else that is no container: texts, numbers, booleans, None.</param>
internal sealed record PtTree(OrderedDictionary<string, PtTensor> Tensors, OrderedDictionary<string, object?> Values)
{
    private const int MaximumNodes = 200_000;
    private const int MaximumPath = 1000;
    private const int MaximumText = 1 << 22;

    /// <summary>Name of a tensor that is itself the saved value.</summary>
    public const string Root = "root";

    /// <summary>Walks the value that a file holds.</summary>
    /// <exception cref="CheckpointException">Two parts have the same path, or the value refers to itself or to its parts again and again.</exception>
    public static PtTree Flatten(PtFile file)
    {
        var tree = new PtTree(new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        var open = new Stack<(string Path, object? Value, int Depth)>();
        open.Push(("", file.Root, 0));
        int text = 0;
        for (int nodes = 0; open.TryPop(out (string Path, object? Value, int Depth) node); nodes++)
        {
            text += node.Path.Length;
            if (nodes > MaximumNodes || text > MaximumText || node.Depth > PtRules.General.MaximumDepth || node.Path.Length > MaximumPath)
                throw new CheckpointException(file.Name, "its pickle refers to its own parts so often that it cannot be written out. The file was refused.");
            if (Children(node.Value) is { } children)
            {
                foreach ((string name, object? value) in children.Reverse())
                    open.Push((node.Path.Length == 0 ? name : $"{node.Path}.{name}", value, node.Depth + 1));
                continue;
            }

            if (node.Value is PickleSymbol or PtStorage)
                throw new CheckpointException(file.Name, $"holds no value at '{node.Path}' but a bare name of its format. The file was refused.");
            string path = node.Depth == 0 ? Root : node.Path;
            bool added = node.Value is PtTensor tensor ? !tree.Values.ContainsKey(path) && tree.Tensors.TryAdd(path, tensor)
                : !tree.Tensors.ContainsKey(path) && tree.Values.TryAdd(path, node.Value);
            if (!added)
                throw new CheckpointException(file.Name, $"holds two values under the path '{path}'.");
        }

        return tree;
    }

    private static IEnumerable<(string Name, object? Value)>? Children(object? value) => value switch
    {
        PickleDict dict => dict.Items.Select(item => (Name(item.Key), item.Value)),
        PickleList list => list.Items.Select((item, i) => (Name((long)i), item)),
        PickleTuple tuple => tuple.Items.Select((item, i) => (Name((long)i), item)),
        _ => null,
    };

    private static string Name(object? key) => key switch
    {
        null => "None",
        PickleTuple tuple => $"({string.Join(", ", tuple.Items.Select(item => item is PickleTuple ? "(...)" : Name(item)))})",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => key.ToString()!,
    };
}
