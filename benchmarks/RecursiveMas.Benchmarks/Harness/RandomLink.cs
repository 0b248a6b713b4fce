using RecursiveMas.Links;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>Links of random weights: what they say means nothing, their work is real.</summary>
internal static class RandomLink
{
    public static AdapterLink Of(string type, int width, ScalarType dtype, Device? device = null)
    {
        using var scope = NewDisposeScope();
        var formula = (LinkFormula)LinkTypeRegistry.BuiltIn.Find(type, "benchmark");
        Dictionary<string, Tensor> weights = formula.Tensors(width, width).ToDictionary(weight => weight.Name, weight => randn(weight.Shape) * 0.05f);
        return (AdapterLink)LinkTypeRegistry.Create(formula, weights, width, width, "benchmark", dtype, device ?? torch.CPU);
    }
}
