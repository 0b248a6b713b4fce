using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Weights;

/// <summary>Writes a link as the released ones are written, so that torch.load reads it.</summary>
internal static class LinkWriter
{
    /// <summary>Root folder inside the file: the name that torch.save takes from a released inner link.</summary>
    public const string DefaultRoot = "adapter";

    /// <summary>Writes a link's state dictionary.</summary>
    /// <param name="path">The file; it appears only when it is complete, and replaces one that is there.</param>
    /// <param name="tensors">The tensors in the order in which they shall stand in the file.</param>
    /// <param name="root">Root folder inside the file.</param>
    /// <param name="location">Tag of the storages: "cpu", or "cuda:0" as the released files have it.</param>
    /// <exception cref="UnsupportedCheckpointException">A tensor is not of a link's element types, or the file would reach 4 GB.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, string root = DefaultRoot, string location = "cpu")
    {
        PtTensorSource[] sources = [.. tensors.Select(entry => new PtTensorSource(
            entry.Key,
            TypeOf(path, entry.Key, entry.Value.dtype),
            entry.Value.shape,
            take => TensorBytes.ForEachPart(entry.Value, part => take(part))))];
        List<string> modules = Modules(sources);
        if (PtWriter.Measure(sources, root, modules, location) >= PtWriter.SizeLimit)
            throw new UnsupportedCheckpointException(path, "would reach 4 GB, which this form cannot. Write safetensors.");
        TensorBytes.WriteFile(path, stream => PtWriter.Write(stream, sources, root, modules, location));
    }

    /// <summary>Size in bytes that a link's file has, from names, types and shapes alone.</summary>
    public static long Measure(IEnumerable<KeyValuePair<string, LinkTensorInfo>> tensors, string root, string location)
    {
        PtTensorSource[] sources =
        [
            .. tensors.Select(entry => new PtTensorSource(entry.Key, TypeOf(root, entry.Key, entry.Value.Type), entry.Value.Shape, _ => { })),
        ];
        return PtWriter.Measure(sources, root, Modules(sources), location);
    }

    private static ElementType TypeOf(string path, string name, ScalarType type) => LinkFile.Types.Contains(type)
        ? type.ToElementType()
        : throw new UnsupportedCheckpointException(path, $"the tensor '{name}' is {type}; a link holds {string.Join(", ", LinkFile.Types)}.");

    // The module tree: the link itself, its parts in file order, and between two layers the activation, which has no tensors.
    private static List<string> Modules(PtTensorSource[] tensors)
    {
        List<string> modules =
        [
            "",
            .. tensors.Select(tensor => tensor.Name[..Math.Max(0, tensor.Name.LastIndexOf('.'))]).Where(module => module.Length > 0).Distinct(),
        ];
        int second = modules.IndexOf("proj2");
        if (second > 0)
            modules.Insert(second, "act");
        return modules;
    }
}
