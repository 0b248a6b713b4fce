using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace RecursiveMas.Links;

/// <summary>A link of one of the known types. LayerNorm eps 1e-5, exact (erf) GELU, everything in the dtype of the weights.</summary>
internal sealed class AdapterLink : IRecursiveLink
{
    private const double NormEps = 1e-5;

    private readonly LinkFormula _formula;
    private readonly IReadOnlyDictionary<string, Tensor> _weights;

    /// <summary>Takes the weights over.</summary>
    public AdapterLink(LinkFormula formula, IReadOnlyDictionary<string, Tensor> weights, int input, int output)
    {
        _formula = formula;
        _weights = weights;
        InputSize = input;
        OutputSize = output;
        Tensor first = weights["proj1.weight"];
        (Dtype, Device) = (first.dtype, first.device);
    }

    public string AdapterType => _formula.AdapterType;

    public int InputSize { get; }

    public int OutputSize { get; }

    public ScalarType Dtype { get; }

    public Device Device { get; }

    /// <summary>Weights by their names in checkpoints.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights;

    public LatentBlock Apply(LatentBlock states, ScalarType outputDtype)
    {
        if (states.HiddenSize != InputSize)
            throw new GraphException($"A link of type '{AdapterType}' takes states of width {InputSize}, but was given width {states.HiddenSize}.");
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        return new LatentBlock(Forward(states.Values).to_type(outputDtype).alias());
    }

    /// <summary>The formula itself, on any leading dimensions.</summary>
    /// <param name="x">[..., InputSize], any floating dtype.</param>
    /// <returns>[..., OutputSize] in the link's dtype.</returns>
    public Tensor Forward(Tensor x)
    {
        x = x.to(Dtype, Device);
        Tensor y = Affine(Normed(x, _formula.PreNorm), "proj1");
        if (_formula.TwoLayers)
            y = Affine(gelu(y), "proj2");
        y = _formula.Residual switch
        {
            LinkResidual.Input => y.Plus(x),
            LinkResidual.Projected => y.Plus(Affine(x, "residual_proj")),
            _ => y,
        };
        return Normed(y, _formula.PostNorm);
    }

    public void Dispose()
    {
        foreach (Tensor weight in _weights.Values)
            weight.Dispose();
    }

    private Tensor Affine(Tensor x, string name) => linear(x, _weights[$"{name}.weight"], _weights[$"{name}.bias"]);

    private Tensor Normed(Tensor x, string? name) => name is null
        ? x
        : layer_norm(x, [x.size(-1)], _weights[$"{name}.weight"], _weights[$"{name}.bias"], NormEps);
}
