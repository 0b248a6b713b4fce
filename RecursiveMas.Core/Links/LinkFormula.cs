using static TorchSharp.torch;

namespace RecursiveMas.Links;

/// <summary>What is added to the body of a link before its last norm.</summary>
internal enum LinkResidual
{
    None,

    /// <summary>The raw input itself.</summary>
    Input,

    /// <summary>A linear map of the raw input, <c>residual_proj</c>.</summary>
    Projected,
}

/// <summary>
/// The parts of a link type. Source: the released code of RecursiveMAS (arXiv 2604.25917); the formula in the paper lacks norms, biases and the
/// doubled width.
/// </summary>
/// <param name="AdapterType">Name in checkpoints.</param>
/// <param name="Outer">Whether it joins two agents rather than one to itself.</param>
/// <param name="TwoLayers">proj2 · gelu(proj1 · x) rather than proj1 · x.</param>
/// <param name="Residual">What is added to the body.</param>
/// <param name="PreNorm">Name of the LayerNorm before the body; null for none.</param>
/// <param name="PostNorm">Name of the LayerNorm after the sum; null for none.</param>
/// <param name="WidthFactor">Middle width in multiples of the output width.</param>
internal sealed record LinkFormula(
    string AdapterType,
    bool Outer,
    bool TwoLayers,
    LinkResidual Residual,
    string? PreNorm = null,
    string? PostNorm = null,
    int WidthFactor = 1) : ILinkType
{
    public LinkKind Kind => Outer ? LinkKind.Outer : LinkKind.Inner;

    public IReadOnlyList<LinkTensor> GetTensors(int inputSize, int outputSize) =>
        [.. Tensors(inputSize, outputSize).Select(tensor => new LinkTensor(tensor.Name, tensor.Shape))];

    public IRecursiveLink Create(IReadOnlyDictionary<string, Tensor> weights, int inputSize, int outputSize) =>
        new AdapterLink(this, weights, inputSize, outputSize);

    /// <summary>Every tensor of the type with its shape, in the order of released files.</summary>
    public IReadOnlyList<(string Name, long[] Shape)> Tensors(long input, long output)
    {
        long middle = TwoLayers ? output * WidthFactor : output;
        var tensors = new List<(string, long[])>();
        AddAffine("proj1", [middle, input], middle);
        if (TwoLayers)
            AddAffine("proj2", [output, middle], output);
        if (PreNorm is not null)
            AddAffine(PreNorm, [input], input);
        if (PostNorm is not null)
            AddAffine(PostNorm, [output], output);
        if (Residual == LinkResidual.Projected)
            AddAffine("residual_proj", [output, input], output);
        return tensors;

        void AddAffine(string name, long[] weight, long bias)
        {
            tensors.Add(($"{name}.weight", weight));
            tensors.Add(($"{name}.bias", [bias]));
        }
    }
}
