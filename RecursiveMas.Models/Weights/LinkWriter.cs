using System.Globalization;
using RecursiveMas.Checkpoints;
using RecursiveMas.Checkpoints.Pt;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Weights;

/// <summary>Writes a link as the released ones are written, so that torch.load reads it.</summary>
internal static class LinkWriter
{
    /// <summary>Root folder inside the file: the name that torch.save takes from a released inner link.</summary>
    public const string DefaultRoot = "adapter";

    private const long SizeLimit = uint.MaxValue;

    /// <summary>Writes a link's state dictionary.</summary>
    /// <param name="path">The file; it appears only when it is complete, and replaces one that is there.</param>
    /// <param name="tensors">The tensors in the order in which they shall stand in the file.</param>
    /// <param name="root">Root folder inside the file.</param>
    /// <param name="location">Tag of the storages: "cpu", or "cuda:0" as the released files have it.</param>
    /// <exception cref="UnsupportedCheckpointException">A tensor is not of a link's element types, or the file would reach 4 GB.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, string root = DefaultRoot, string location = "cpu")
    {
        TensorSource[] sources = [.. tensors.Select(entry => TensorSource.Of(entry.Key, entry.Value))];
        byte[] pickle = Pickle(path, sources, location);
        PtRecordSource[] storages = Storages(sources);
        if (PtWriter.Measure(root, pickle, storages) >= SizeLimit)
            throw new UnsupportedCheckpointException(path, "would reach 4 GB, which a link in this form cannot. Write safetensors.");
        TensorBytes.WriteFile(path, stream => PtWriter.Write(stream, root, pickle, storages));
    }

    /// <summary>Size in bytes that a link's file has, from names, types and shapes alone.</summary>
    public static long Measure(IEnumerable<KeyValuePair<string, LinkTensorInfo>> tensors, string root, string location)
    {
        TensorSource[] sources = [.. tensors.Select(entry => new TensorSource(entry.Key, entry.Value.Type, entry.Value.Shape, () => empty(0)))];
        return PtWriter.Measure(root, Pickle(root, sources, location), Storages(sources));
    }

    private static byte[] Pickle(string path, TensorSource[] tensors, string location)
    {
        TensorSource? odd = Array.Find(tensors, tensor => !LinkFile.Types.Contains(tensor.Type));
        return odd is null
            ? StateDictionaryPickle.Write(tensors, Modules(tensors), location)
            : throw new UnsupportedCheckpointException(path, $"the tensor '{odd.Name}' is {odd.Type}; a link holds {string.Join(", ", LinkFile.Types)}.");
    }

    private static PtRecordSource[] Storages(TensorSource[] tensors) =>
    [
        .. tensors.Select((source, i) => new PtRecordSource(
            string.Create(CultureInfo.InvariantCulture, $"data/{i}"),
            source.Count * source.Type.ElementSize(),
            take =>
            {
                using Tensor tensor = source.Load();
                TensorBytes.ForEachPart(tensor, part => take(part));
            })),
    ];

    // The module tree: the link itself, its parts in file order, and between two layers the activation, which has no tensors.
    private static List<string> Modules(TensorSource[] tensors)
    {
        List<string> modules = ["", .. tensors.Select(tensor => tensor.Name[..Math.Max(0, tensor.Name.LastIndexOf('.'))]).Where(module => module.Length > 0).Distinct()];
        int second = modules.IndexOf("proj2");
        if (second > 0)
            modules.Insert(second, "act");
        return modules;
    }
}
