using System.Text.Json.Nodes;
using RecursiveMas.Families;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Kernels;

/// <summary>Whole models with managed kernels and without, step by step on the same inputs.</summary>
public sealed class KernelPathTests : IDisposable
{
    private readonly Generator _random = new(17);

    public static IEnumerable<object[]> Cases =>
        from family in TinyConfigs.Families
        from dtype in new[] { ModelDtype.Float32, ModelDtype.BFloat16 }
        from large in new[] { false, true }
        select new object[] { family, dtype, large };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Both_paths_agree(string family, ModelDtype dtype, bool large)
    {
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        using TinyCheckpoint checkpoint = large ? Large(family) : new TinyCheckpoint(TinyCheckpoint.ConfigOf(family));
        foreach (WeightFormat format in new[] { WeightFormat.Auto, WeightFormat.Plain })
        {
            using DecoderModel fast = checkpoint.Load(new ModelLoadOptions { Dtype = dtype, Weights = format });
            using DecoderModel plain = checkpoint.Load(new ModelLoadOptions { Dtype = dtype, Weights = format, ManagedKernels = false });
            int[][] steps = [[70, 1, 8, 3], [1, 1, 1, 1], [1, 9, 1, 8], [2, 4, 40, 1], [1, 1, 1, 1]];
            ModelCache[] fastCaches = [.. steps[0].Select(_ => fast.CreateCache())], plainCaches = [.. steps[0].Select(_ => plain.CreateCache())];
            foreach (int[] step in steps)
            {
                Tensor[] inputs = [.. step.Select(length => randn([length, fast.Configuration.HiddenSize], generator: _random).to_type(fast.Dtype))];
                Tensor expected = cat(plain.ReadTogether([.. inputs.Select((x, row) => (x, (ModelCache?)plainCaches[row]))]));
                Tensor actual = cat(fast.ReadTogether([.. inputs.Select((x, row) => (x, (ModelCache?)fastCaches[row]))]));
                if (dtype == ModelDtype.Float32)
                    TensorChecks.Close(expected, actual, 2e-5, $"{family}, rows of {string.Join(", ", step)}");
                else
                    Assert.True(
                        TensorChecks.SmallestCosine(expected, actual) > 0.995,
                        $"{family}, rows of {string.Join(", ", step)}: {TensorChecks.SmallestCosine(expected, actual)}");
            }

            Assert.Equal(plainCaches.Select(cache => cache.Bytes), fastCaches.Select(cache => cache.Bytes));
            foreach (ModelCache cache in fastCaches.Concat(plainCaches))
                cache.Dispose();
        }
    }

    public void Dispose() => _random.Dispose();

    /// <summary>Large enough that kernels fill whole blocks and work on several threads.</summary>
    private static TinyCheckpoint Large(string family)
    {
        List<(string, JsonNode?)> changes =
        [
            ("hidden_size", 256), ("intermediate_size", 4096), ("num_attention_heads", 16), ("num_key_value_heads", 8), ("head_dim", 64),
        ];
        if (family == "qwen3_5_text")
            changes.AddRange([("linear_key_head_dim", 64), ("linear_value_head_dim", 64), ("linear_num_key_heads", 4), ("linear_num_value_heads", 16)]);
        return new TinyCheckpoint(TinyCheckpoint.ConfigOf(family, [.. changes]));
    }
}
