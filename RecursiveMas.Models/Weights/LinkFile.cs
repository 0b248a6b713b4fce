using RecursiveMas.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Weights;

/// <summary>Element type and shape of one tensor of a link.</summary>
internal sealed record LinkTensorInfo(ScalarType Type, long[] Shape);

/// <summary>
/// Reads a link's state dictionary: a flat map of small float tensors, in the form of torch.save or as safetensors. Nothing in the file is run.
/// </summary>
internal static class LinkFile
{
    private const int LargestRank = 2;

    /// <summary>Element types that a link may have.</summary>
    public static IReadOnlyList<ScalarType> Types { get; } = [ScalarType.BFloat16, ScalarType.Float16, ScalarType.Float32];

    /// <summary>
    /// What the file holds, in file order, without reading tensors. A conversion beside it is read in its place if its source's hash matches.
    /// </summary>
    /// <exception cref="CheckpointException">The file is missing, damaged, hostile, or no flat state dictionary of a link.</exception>
    public static IReadOnlyDictionary<string, LinkTensorInfo> ReadInfo(CheckpointFolder folder, string file)
    {
        if (OpenSafetensors(folder, file) is { } safetensors)
        {
            using (safetensors)
                return Describe(safetensors);
        }

        using var pt = PtFile.Open(folder, file, PtRules.Link);
        using var tensors = new PtTensors(pt);
        return Describe(Announce(pt, tensors));
    }

    /// <summary>The tensors of a link by name, in file order: contiguous, with memory of their own, finite, on the CPU. They join the current dispose scope.
    /// A conversion beside the file is read in its place if its source's hash matches.</summary>
    /// <param name="folder">Where the file lies.</param>
    /// <param name="file">Its name.</param>
    /// <param name="expected">The names and shapes that the link type demands; null accepts any flat state dictionary.</param>
    /// <exception cref="CheckpointException">
    /// The file is missing, damaged, hostile, no flat state dictionary, holds other names or shapes than expected, or a value that is not finite.
    /// </exception>
    public static IReadOnlyDictionary<string, Tensor> Read(CheckpointFolder folder, string file, IReadOnlyDictionary<string, long[]>? expected = null)
    {
        if (OpenSafetensors(folder, file) is { } safetensors)
        {
            // Copies: a link may be trained, and its file replaced meanwhile.
            using (safetensors)
                return Load(safetensors.Name, Describe(safetensors), expected, name => safetensors.Get(name).clone());
        }

        using var pt = PtFile.Open(folder, file, PtRules.Link);
        return Read(pt, expected);
    }

    /// <summary>The tensors of an open file of torch.save.</summary>
    internal static IReadOnlyDictionary<string, Tensor> Read(PtFile file, IReadOnlyDictionary<string, long[]>? expected = null)
    {
        using var tensors = new PtTensors(file);
        IReadOnlyDictionary<string, PtTensor> described = Announce(file, tensors);
        return Load(file.Name, Describe(described), expected, name => tensors.Load(described[name]));
    }

    /// <summary>Compares what a file holds with what its link type demands.</summary>
    /// <param name="file">Full name for messages.</param>
    /// <param name="actual">What the file holds.</param>
    /// <param name="expected">The names and shapes that the link type demands.</param>
    /// <exception cref="CheckpointException">A name is missing or too many, or a shape differs; all such names are listed.</exception>
    public static void Check(string file, IReadOnlyDictionary<string, LinkTensorInfo> actual, IReadOnlyDictionary<string, long[]> expected)
    {
        string[] faults =
        [
            .. expected.Keys.Where(name => !actual.ContainsKey(name)).Select(name => $"'{name}' is missing"),
            .. actual.Keys.Where(name => !expected.ContainsKey(name)).Select(name => $"'{name}' is not part of this link type"),
            .. expected.Where(entry => actual.TryGetValue(entry.Key, out LinkTensorInfo? info) && !info.Shape.AsSpan().SequenceEqual(entry.Value))
                .Select(entry => $"'{entry.Key}' is [{string.Join(", ", actual[entry.Key].Shape)}] instead of [{string.Join(", ", entry.Value)}]"),
        ];
        if (faults.Length > 0)
            throw new CheckpointException(file, $"does not hold the tensors that its link type and widths demand: {string.Join("; ", faults)}. " +
                "Check the file name and the link type in the manifest.");
    }

    private static OrderedDictionary<string, Tensor> Load(
        string file, OrderedDictionary<string, LinkTensorInfo> info, IReadOnlyDictionary<string, long[]>? expected, Func<string, Tensor> load)
    {
        if (expected is not null)
            Check(file, info, expected);
        var result = new OrderedDictionary<string, Tensor>(info.Count, StringComparer.Ordinal);
        using var mode = inference_mode(false);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (string name in info.Keys)
        {
            Tensor tensor = load(name);
            // The extremes of a tensor with NaN are NaN; unlike isfinite() this makes no temporary of its size.
            (Tensor least, Tensor most) = tensor.aminmax();
            if (!float.IsFinite(least.to_type(ScalarType.Float32).item<float>()) || !float.IsFinite(most.to_type(ScalarType.Float32).item<float>()))
                throw new CheckpointException(file, $"the tensor '{name}' holds NaN or infinity. The link is damaged, or its training failed.");
            result.Add(name, tensor);
        }

        foreach (Tensor tensor in result.Values)
            tensor.MoveToOuterDisposeScope();
        return result;
    }

    private static IReadOnlyDictionary<string, PtTensor> Announce(PtFile file, PtTensors loader)
    {
        IReadOnlyDictionary<string, PtTensor> tensors = file.GetStateDictionary();
        foreach (PtTensor tensor in tensors.Values)
            loader.Announce(tensor);
        return tensors;
    }

    private static OrderedDictionary<string, LinkTensorInfo> Describe(IReadOnlyDictionary<string, PtTensor> tensors)
    {
        var info = new OrderedDictionary<string, LinkTensorInfo>(tensors.Count, StringComparer.Ordinal);
        foreach ((string name, PtTensor tensor) in tensors)
            info.Add(name, new LinkTensorInfo(tensor.Type.ToScalarType(), [.. tensor.Shape]));
        return info;
    }

    private static OrderedDictionary<string, LinkTensorInfo> Describe(SafetensorsFile file)
    {
        if (file.Tensors.Count == 0 || file.Tensors.Count > PtRules.Link.MaximumTensors)
            throw new CheckpointException(file.Name, $"holds {file.Tensors.Count} tensors where a link has 1 to {PtRules.Link.MaximumTensors}.");
        var info = new OrderedDictionary<string, LinkTensorInfo>(file.Tensors.Count, StringComparer.Ordinal);
        foreach (SafetensorsTensor tensor in file.Tensors.Values.OrderBy(tensor => tensor.Begin))
        {
            ScalarType type = file.TypeOf(tensor.Name);
            if (!Types.Contains(type) || tensor.Shape.Count is 0 or > LargestRank || tensor.ByteCount == 0)
                throw new CheckpointException(file.Name, $"the tensor '{tensor.Name}' is {tensor.TypeName} [{string.Join(", ", tensor.Shape)}]; " +
                    "a link's tensors are BF16, F16 or F32 with one or two dimensions.");
            info.Add(tensor.Name, new LinkTensorInfo(type, [.. tensor.Shape]));
        }

        return info;
    }

    // The file itself, or its conversion if that was made from these very bytes; null for a file of torch.save.
    private static SafetensorsFile? OpenSafetensors(CheckpointFolder folder, string file)
    {
        if (file.EndsWith(CheckpointConverter.Extension, StringComparison.OrdinalIgnoreCase))
            return SafetensorsFile.Open(folder, file);
        string converted = file + CheckpointConverter.Extension;
        if (!folder.Contains(converted))
            return null;
        var opened = SafetensorsFile.Open(folder, converted);
        if (opened.Metadata.GetValueOrDefault(CheckpointConverter.SourceHash) == CheckpointConverter.Hash(folder, file))
            return opened;
        opened.Dispose();
        return null;
    }
}
