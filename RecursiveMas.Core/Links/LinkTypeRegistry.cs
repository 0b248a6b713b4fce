using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Links;

/// <summary>The link types by the name that stands in checkpoints, and the check that a file's tensors are exactly those of its type.</summary>
internal static class LinkTypeRegistry
{
    public const string DefaultInner = "ln_res_adapter";
    public const string DefaultOuter = "outer_ln_res_adapter";

    private static readonly Dictionary<string, LinkFormula> s_types = new LinkFormula[]
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
    }.ToDictionary(type => type.AdapterType, StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => s_types.Keys;

    /// <summary>The formula of a type.</summary>
    /// <exception cref="UnsupportedCheckpointException">The type is unknown; the known ones are listed.</exception>
    public static LinkFormula Find(string adapterType, string file) =>
        s_types.TryGetValue(adapterType, out LinkFormula? formula)
            ? formula
            : throw new UnsupportedCheckpointException(file, $"adapter_type '{adapterType}' is unknown. Known: {string.Join(", ", s_types.Keys)}.");

    /// <summary>Builds a link from the tensors of a file after checking that they are those of its type and of the wanted widths.</summary>
    /// <param name="formula">The type.</param>
    /// <param name="tensors">Tensors by name; they stay the caller's.</param>
    /// <param name="input">Width of the sender.</param>
    /// <param name="output">Width of the receiver.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="dtype">Compute dtype; null takes that of the first floating tensor.</param>
    /// <param name="device">Device to run on.</param>
    public static AdapterLink Create(LinkFormula formula, IReadOnlyDictionary<string, Tensor> tensors, int input, int output, string file, ScalarType? dtype, Device device)
    {
        IReadOnlyList<(string Name, long[] Shape)> wanted = formula.Tensors(input, output);
        CheckNames(formula, tensors, wanted, file);
        foreach ((string name, long[] shape) in wanted)
        {
            long[] actual = tensors[name].shape;
            if (!actual.AsSpan().SequenceEqual(shape))
            {
                throw new CheckpointException(file,
                    $"{name} has the shape [{string.Join(", ", actual)}], but a link of type '{formula.AdapterType}' from width {input} to width {output} needs [{string.Join(", ", shape)}]. " +
                    "Check that the file belongs to this edge.");
            }
        }

        ScalarType computed = dtype ?? tensors.Values.First(t => t.is_floating_point()).dtype;
        var weights = new Dictionary<string, Tensor>(wanted.Count, StringComparer.Ordinal);
        try
        {
            foreach ((string name, _) in wanted)
                weights.Add(name, OwnedCopy(tensors[name], computed, device));
            return new AdapterLink(formula, weights, input, output);
        }
        catch
        {
            foreach (Tensor weight in weights.Values)
                weight.Dispose();
            throw;
        }
    }

    /// <summary>Widths of a file's link as its tensors tell them, for messages before any edge is known.</summary>
    public static (int Input, int Output)? ProbeWidths(IReadOnlyDictionary<string, Tensor> tensors)
    {
        // proj1.bias is deliberately not asked: in the released outer links it has twice the output width.
        Tensor? output = new[] { "proj2.bias", "residual_proj.bias", "ln_target.weight", "post_ln.weight" }
            
            .Select(name => tensors.GetValueOrDefault(name)).FirstOrDefault(t => t is not null && t.dim() == 1);
        return output is not null && tensors.TryGetValue("proj1.weight", out Tensor? first) && first.dim() == 2
            ? ((int)first.size(1), (int)output.size(0))
            : null;
    }

    private static void CheckNames(LinkFormula formula, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyList<(string Name, long[] Shape)> wanted, string file)
    {
        string[] names = [.. wanted.Select(w => w.Name)];
        string[] missing = [.. names.Except(tensors.Keys)];
        string[] surplus = [.. tensors.Keys.Except(names)];
        if (missing.Length + surplus.Length == 0)
            return;
        throw new CheckpointException(file,
            $"does not hold the tensors of a link of type '{formula.AdapterType}'." +
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
