using RecursiveMas.Links;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>The link types by the name that stands in checkpoints, and the check that a file's tensors are exactly those of its type.</summary>
/// <remarks>Immutable and safe for concurrent calls.</remarks>
public sealed class LinkTypeRegistry
{
    /// <summary>Type of an inner link whose checkpoint names none.</summary>
    public const string DefaultInner = "ln_res_adapter";

    /// <summary>Type of an outer link whose checkpoint names none.</summary>
    public const string DefaultOuter = "outer_ln_res_adapter";

    private readonly OrderedDictionary<string, ILinkType> _types;

    private LinkTypeRegistry(IEnumerable<ILinkType> types) =>
        _types = new OrderedDictionary<string, ILinkType>(types.Select(type => KeyValuePair.Create(type.AdapterType, type)), StringComparer.Ordinal);

    /// <summary>The types that the released systems and their predecessors use.</summary>
    public static LinkTypeRegistry BuiltIn { get; } = new(new LinkFormula[]
    {
        new(DefaultInner, Outer: false, TwoLayers: true, LinkResidual.Input, PreNorm: "pre_ln", PostNorm: "post_ln"),
        new(DefaultOuter, Outer: true, TwoLayers: true, LinkResidual.Projected, PreNorm: "ln_source", PostNorm: "ln_target", WidthFactor: 2),
        new("outer_ln_adapter", Outer: true, TwoLayers: true, LinkResidual.None, PreNorm: "ln_source", PostNorm: "ln_target", WidthFactor: 2),
        new("linear_adapter", Outer: false, TwoLayers: false, LinkResidual.None),
        new("outer_linear_adapter", Outer: true, TwoLayers: false, LinkResidual.None),
        new("linear_res_adapter", Outer: false, TwoLayers: false, LinkResidual.Input),
        new("outer_linear_res_adapter", Outer: true, TwoLayers: false, LinkResidual.Projected),
        new("adapter", Outer: false, TwoLayers: true, LinkResidual.None),
        new("outer_adapter", Outer: true, TwoLayers: true, LinkResidual.None),
        new("res_adapter", Outer: false, TwoLayers: true, LinkResidual.Input),
        new("outer_res_adapter", Outer: true, TwoLayers: true, LinkResidual.Projected),
    });

    /// <summary>Names of the types.</summary>
    public IReadOnlyCollection<string> Names => _types.Keys;

    /// <summary>The same types and some more.</summary>
    /// <param name="types">Types of one's own.</param>
    /// <exception cref="ArgumentNullException">There are no types, or one of them is null.</exception>
    /// <exception cref="InvalidOptionException">A type has no name, or one that is there already.</exception>
    public LinkTypeRegistry With(params IReadOnlyList<ILinkType> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        foreach (ILinkType type in types)
        {
            ArgumentNullException.ThrowIfNull(type, nameof(types));
            if (string.IsNullOrWhiteSpace(type.AdapterType))
                throw new InvalidOptionException(
                    nameof(types),
                    $"the link type {type.GetType().Name} has no name. Name it by {nameof(ILinkType.AdapterType)}.");
        }

        string? twice = _types.Keys
            .Concat(types.Select(type => type.AdapterType))
            .GroupBy(name => name, StringComparer.Ordinal)
            .FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null
            ? new LinkTypeRegistry([.. _types.Values, .. types])
            : throw new InvalidOptionException(nameof(types), $"there is a link type '{twice}' already. Give yours another name.");
    }

    /// <summary>The type of a name.</summary>
    /// <param name="adapterType">The name.</param>
    /// <param name="file">The file that names it, for messages.</param>
    /// <exception cref="UnsupportedCheckpointException">The type is unknown; the known ones are listed.</exception>
    public ILinkType Find(string adapterType, string file)
    {
        ArgumentNullException.ThrowIfNull(adapterType);
        ArgumentNullException.ThrowIfNull(file);
        return _types.TryGetValue(adapterType, out ILinkType? type)
            ? type
            : throw new UnsupportedCheckpointException(
                file,
                $"adapter_type '{adapterType}' is unknown.{NearName.Suggest(adapterType, Names)} Known: {string.Join(", ", Names)}.");
    }

    /// <summary>Builds a link from the tensors of a file after checking that they are those of its type and of the wanted widths.</summary>
    /// <param name="type">The type.</param>
    /// <param name="tensors">Tensors by name; they stay the caller's.</param>
    /// <param name="inputSize">Width of the sender.</param>
    /// <param name="outputSize">Width of the receiver.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="dtype">Element type to compute in; null takes that of the first floating tensor.</param>
    /// <param name="device">Device to run on. Default: the CPU.</param>
    /// <exception cref="CheckpointException">A tensor is missing, too many, or of another shape.</exception>
    public static IRecursiveLink Create(
        ILinkType type, IReadOnlyDictionary<string, Tensor> tensors, int inputSize, int outputSize, string file, ScalarType? dtype = null,
        Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(file);
        IReadOnlyList<LinkTensor> wanted = type.GetTensors(inputSize, outputSize);
        CheckNames(type, tensors, wanted, file);
        foreach (LinkTensor tensor in wanted)
        {
            long[] actual = tensors[tensor.Name].shape;
            if (!actual.SequenceEqual(tensor.Shape))
            {
                throw new CheckpointException(file,
                    $"{tensor.Name} has the shape [{string.Join(", ", actual)}], but a link of type '{type.AdapterType}' from width {inputSize} to width " +
                    $"{outputSize} needs [{string.Join(", ", tensor.Shape)}]. " +
                    "Check that the file belongs to this edge.");
            }
        }

        ScalarType computed = dtype ?? tensors.Values.FirstOrDefault(tensor => tensor.is_floating_point())?.dtype ?? ScalarType.Float32;
        var weights = new Dictionary<string, Tensor>(wanted.Count, StringComparer.Ordinal);
        try
        {
            foreach (LinkTensor tensor in wanted)
                weights.Add(tensor.Name, OwnedCopy(tensors[tensor.Name], computed, device ?? CPU));
            return type.Create(weights, inputSize, outputSize);
        }
        catch
        {
            foreach (Tensor weight in weights.Values)
                weight.Dispose();
            throw;
        }
    }

    /// <summary>Widths of a file's link as its tensors tell them, for messages before any edge is known.</summary>
    internal static (int Input, int Output)? ProbeWidths(IReadOnlyDictionary<string, Tensor> tensors)
    {
        // proj1.bias is deliberately not asked: in the released outer links it has twice the output width.
        Tensor? output = new[] { "proj2.bias", "residual_proj.bias", "ln_target.weight", "post_ln.weight" }
            .Select(name => tensors.GetValueOrDefault(name)).FirstOrDefault(t => t is not null && t.dim() == 1);
        return output is not null && tensors.TryGetValue("proj1.weight", out Tensor? first) && first.dim() == 2
            ? ((int)first.size(1), (int)output.size(0))
            : null;
    }

    private static void CheckNames(ILinkType type, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyList<LinkTensor> wanted, string file)
    {
        string[] names = [.. wanted.Select(w => w.Name)];
        string[] missing = [.. names.Except(tensors.Keys)];
        string[] surplus = [.. tensors.Keys.Except(names)];
        if (missing.Length + surplus.Length == 0)
            return;
        throw new CheckpointException(file,
            $"does not hold the tensors of a link of type '{type.AdapterType}'." +
            (missing.Length > 0 ? $" Missing: {string.Join(", ", missing)}." : "") +
            (surplus.Length > 0 ? $" Unknown: {string.Join(", ", surplus.Take(8))}." : "") +
            " Check the adapter_type in the manifest.");
    }

    private static Tensor OwnedCopy(Tensor tensor, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        return tensor.to(dtype, device, copy: true).contiguous().DetachFromDisposeScope();
    }
}
