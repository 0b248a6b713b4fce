using RecursiveMas.Links;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests.Links;

public class LinkTests
{
    public static TheoryData<string> Types => [.. LinkTypeRegistry.BuiltIn.Names];

    [Fact]
    public void Inner_link_gives_the_worked_example()
    {
        using var scope = NewDisposeScope();
        using AdapterLink link = Create("ln_res_adapter", 2, 2, new()
        {
            ["pre_ln.weight"] = tensor(new[] { 1f, 1f }),
            ["pre_ln.bias"] = zeros(2),
            ["proj1.weight"] = tensor(new[,] { { 0.5f, 0.25f }, { -0.5f, 1f } }),
            ["proj1.bias"] = tensor(new[] { 0.1f, -0.2f }),
            ["proj2.weight"] = tensor(new[,] { { 1f, 0f }, { 0.5f, -1f } }),
            ["proj2.bias"] = tensor(new[] { 0f, 0.3f }),
            ["post_ln.weight"] = tensor(new[] { 2f, 1f }),
            ["post_ln.bias"] = tensor(new[] { 0f, 0.5f }),
        });
        TensorChecks.Close(tensor(new[] { 1.99998672f, -0.49999336f }), link.Forward(tensor(new[] { 1f, -1f })), 1e-6);
    }

    [Fact]
    public void Outer_link_gives_the_worked_example()
    {
        using var scope = NewDisposeScope();
        using AdapterLink link = Create("outer_ln_res_adapter", 3, 2, new()
        {
            ["ln_source.weight"] = ones(3),
            ["ln_source.bias"] = zeros(3),
            ["proj1.weight"] = tensor(new[,] { { 0.1f, 0.2f, 0.3f }, { -0.1f, 0f, 0.1f }, { 0.2f, -0.2f, 0f }, { 0f, 0.1f, -0.1f } }),
            ["proj1.bias"] = zeros(4),
            ["proj2.weight"] = tensor(new[,] { { 1f, 0.5f, -0.5f, 0f }, { 0f, 1f, 1f, -1f } }),
            ["proj2.bias"] = zeros(2),
            ["residual_proj.weight"] = tensor(new[,] { { 1f, 0f, 1f }, { 0f, 1f, -1f } }),
            ["residual_proj.bias"] = zeros(2),
            ["ln_target.weight"] = ones(2),
            ["ln_target.bias"] = zeros(2),
        });
        Tensor sum = tensor(new[] { -0.06996346f, 2.71694505f });
        TensorChecks.Close(nn.functional.layer_norm(sum, [2], ones(2), zeros(2), 1e-5), link.Forward(tensor(new[] { 1f, 2f, -1f })), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_equals_its_formula_in_double(string type)
    {
        using var scope = NewDisposeScope();
        var formula = (LinkFormula)LinkTypeRegistry.BuiltIn.Find(type, "test");
        int input = 24, output = formula.Outer ? 16 : 24;
        Dictionary<string, Tensor> weights = RandomWeights(formula, input, output);
        using AdapterLink link = Create(type, input, output, weights);
        using var generator = new Generator(5);
        Tensor x = randn([12, input], float32, generator: generator) * 7;
        TensorChecks.Close(SlowFormula(formula, weights, x), link.Forward(x), 1e-5, type);

        using AdapterLink half = Create(type, input, output, weights, ScalarType.BFloat16);
        Tensor rounded = x.to_type(ScalarType.BFloat16);
        using LatentBlock block = new(rounded.alias());
        using LatentBlock mapped = half.Apply(block, ScalarType.Float32);
        Assert.Equal(ScalarType.Float32, mapped.Dtype);
        var halfWeights = weights.ToDictionary(w => w.Key, w => w.Value.to_type(ScalarType.BFloat16));
        Assert.True(TensorChecks.SmallestCosine(SlowFormula(formula, halfWeights, rounded), mapped.Values) > 0.999);
    }

    [Fact]
    public void A_mutant_without_the_raw_skip_path_would_be_noticed()
    {
        using var scope = NewDisposeScope();
        var formula = (LinkFormula)LinkTypeRegistry.BuiltIn.Find("ln_res_adapter", "test");
        Dictionary<string, Tensor> weights = RandomWeights(formula, 24, 24);
        using AdapterLink link = Create(formula.AdapterType, 24, 24, weights);
        Tensor x = randn(2, 24) * 7;
        Tensor mutant = SlowFormula(formula, weights, nn.functional.layer_norm(x, [24], weights["pre_ln.weight"], weights["pre_ln.bias"], 1e-5));
        Assert.True((mutant - link.Forward(x)).abs().max().item<double>() > 1e-2);
    }

    [Theory]
    [InlineData("pre_ln.bias", null, "Missing: pre_ln.bias")]
    [InlineData(null, "extra.weight", "Unknown: extra.weight")]
    public void Other_keys_are_refused(string? removed, string? added, string complaint)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = RandomWeights((LinkFormula)LinkTypeRegistry.BuiltIn.Find("ln_res_adapter", "test"), 4, 4);
        if (removed is not null)
            weights.Remove(removed);
        if (added is not null)
            weights.Add(added, zeros(4));
        CheckpointException error = Assert.Throws<CheckpointException>(() => Create("ln_res_adapter", 4, 4, weights));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
        Assert.Contains("link.pt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_width_is_refused_with_both_shapes()
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = RandomWeights((LinkFormula)LinkTypeRegistry.BuiltIn.Find("outer_ln_res_adapter", "test"), 4, 6);
        Assert.Equal((4, 6), LinkTypeRegistry.ProbeWidths(weights));
        CheckpointException error = Assert.Throws<CheckpointException>(() => Create("outer_ln_res_adapter", 4, 8, weights));
        Assert.Contains("[12, 4]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[16, 4]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_type_lists_the_known_ones()
    {
        UnsupportedCheckpointException error =
            Assert.Throws<UnsupportedCheckpointException>(() => LinkTypeRegistry.BuiltIn.Find("lora", "adapter_config.json"));
        Assert.Contains("'lora'", error.Message, StringComparison.Ordinal);
        Assert.Contains("outer_ln_res_adapter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void States_of_another_width_are_refused()
    {
        using var scope = NewDisposeScope();
        using AdapterLink link = Create("adapter", 4, 4, RandomWeights((LinkFormula)LinkTypeRegistry.BuiltIn.Find("adapter", "test"), 4, 4));
        using var block = new LatentBlock(zeros(2, 5));
        Assert.Throws<GraphException>(() => link.Apply(block, ScalarType.Float32));
    }

    [Theory]
    [InlineData(1536, 1536, false, 4_727_808)]
    [InlineData(4096, 4096, false, 33_579_008)]
    [InlineData(5120, 5120, false, 52_459_520)]
    [InlineData(2048, 1536, true, 14_169_088)]
    [InlineData(2048, 4096, true, 58_748_928)]
    public void Published_parameter_counts(int input, int output, bool outer, long parameters)
    {
        var formula = (LinkFormula)LinkTypeRegistry.BuiltIn.Find(outer ? LinkTypeRegistry.DefaultOuter : LinkTypeRegistry.DefaultInner, "test");
        Assert.Equal(parameters, formula.Tensors(input, output).Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size)));
    }

    [Fact]
    public void Types_of_ones_own_are_known_beside_the_built_in_ones()
    {
        var own = new Own("outer_own");
        LinkTypeRegistry types = LinkTypeRegistry.BuiltIn.With(own);
        Assert.Same(own, types.Find("outer_own", "f"));
        Assert.Equal(LinkTypeRegistry.BuiltIn.Names.Append("outer_own"), types.Names);
        Assert.Contains(
            "'outer_own'",
            Assert.Throws<UnsupportedCheckpointException>(() => LinkTypeRegistry.BuiltIn.Find("outer_own", "f")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Did you mean 'outer_own'?",
            Assert.Throws<UnsupportedCheckpointException>(() => types.Find("outer_owm", "f")).Message,
            StringComparison.Ordinal);
        foreach (string name in new[] { "outer_own", LinkTypeRegistry.DefaultInner, " " })
            Assert.Throws<InvalidOptionException>(() => types.With(new Own(name)));
        Assert.Throws<InvalidOptionException>(() => LinkTypeRegistry.BuiltIn.With(own, own));
    }

    private sealed class Own(string name) : ILinkType
    {
        public string AdapterType => name;

        public LinkKind Kind => LinkKind.Outer;

        public IReadOnlyList<LinkTensor> GetTensors(int inputSize, int outputSize) => [];

        public IRecursiveLink Create(IReadOnlyDictionary<string, Tensor> weights, int inputSize, int outputSize) => throw new NotSupportedException();
    }

    private static AdapterLink Create(string type, int input, int output, Dictionary<string, Tensor> weights, ScalarType? dtype = null) =>
        (AdapterLink)LinkTypeRegistry.Create(LinkTypeRegistry.BuiltIn.Find(type, "link.pt"), weights, input, output, "link.pt", dtype, torch.CPU);

    private static Dictionary<string, Tensor> RandomWeights(LinkFormula formula, int input, int output)
    {
        using var generator = new Generator(3);
        return formula.Tensors(input, output).ToDictionary(w => w.Name, w => randn(w.Shape, float32, generator: generator) * 0.4f);
    }

    private static Tensor SlowFormula(LinkFormula formula, IReadOnlyDictionary<string, Tensor> weights, Tensor given)
    {
        Tensor W(string name) => weights[name].to_type(ScalarType.Float64);
        Tensor x = given.to_type(ScalarType.Float64);
        Tensor Norm(Tensor v, string? name)
        {
            if (name is null)
                return v;
            Tensor centred = v - v.mean([-1], keepdim: true);
            return centred / (centred.square().mean([-1], keepdim: true) + 1e-5).sqrt() * W($"{name}.weight") + W($"{name}.bias");
        }

        Tensor Map(Tensor v, string name) => v.matmul(W($"{name}.weight").t()) + W($"{name}.bias");
        Tensor Gelu(Tensor v) => v * 0.5 * (1 + (v / Math.Sqrt(2)).erf());
        Tensor body = Map(Norm(x, formula.PreNorm), "proj1");
        if (formula.TwoLayers)
            body = Map(Gelu(body), "proj2");
        if (formula.Residual == LinkResidual.Input)
            body += x;
        if (formula.Residual == LinkResidual.Projected)
            body += Map(x, "residual_proj");
        return Norm(body, formula.PostNorm);
    }
}
