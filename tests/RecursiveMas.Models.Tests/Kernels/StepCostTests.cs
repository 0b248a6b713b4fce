using RecursiveMas.Families;
using RecursiveMas.Models.Tests.Native;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Kernels;

/// <summary>What a step makes and allocates beside what it computes does not grow with the number of layers, nor from step to step.</summary>
[Collection(LiveTensors.Collection)]
public class StepCostTests
{
    private const int Steps = 16, ShallowLayers = 3, DeepLayers = 12;

    [Theory]
    [InlineData("llama", 1)]
    [InlineData("llama", 8)]
    [InlineData("gemma3_text", 1)]
    [InlineData("qwen3", 1)]
    public void A_managed_step_makes_a_handful_of_tensors_whatever_the_depth(string family, int rows)
    {
        (double tensors, double bytes) shallow = Cost(family, ShallowLayers, rows), deep = Cost(family, DeepLayers, rows);
        Assert.Equal(shallow.tensors, deep.tensors);
        Assert.InRange(deep.tensors, 1, 6);
        // A reference for each layer and some rounding, no object.
        Assert.InRange(deep.bytes - shallow.bytes, -64, 16 * (DeepLayers - ShallowLayers));
        Assert.InRange(deep.bytes, 1, 2_000 + (500 * rows));
    }

    /// <summary>Tensors made and bytes allocated by a step, head included.</summary>
    private static (double Tensors, double Bytes) Cost(string family, int layers, int rows)
    {
        using TinyCheckpoint checkpoint = new(TinyCheckpoint.ConfigOf(
            family,
            [
                ("num_hidden_layers", layers),
                .. family == "gemma3_text"
                    ? [("layer_types", new System.Text.Json.Nodes.JsonArray([.. Enumerable.Repeat("full_attention", layers)]))]
                    : Array.Empty<(string, System.Text.Json.Nodes.JsonNode?)>(),
            ]));
        using DecoderModel model = checkpoint.Load(new ModelLoadOptions { Dtype = ModelDtype.Float32 });
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        ModelCache[] caches = [.. Enumerable.Range(0, rows).Select(_ => model.CreateCache(4 * Steps))];
        ForwardRow[] next = [.. caches.Select(cache => new ForwardRow(1, cache))];
        Tensor x = randn(rows, model.Configuration.HiddenSize);
        void Run()
        {
            for (int step = 0; step < Steps; step++)
            {
                using var one = NewDisposeScope();
                model.Logits(model.Forward(x, next));
            }
        }

        Run();
        (long tensors, long bytes) = (Made(), GC.GetAllocatedBytesForCurrentThread());
        Run();
        (tensors, bytes) = (Made() - tensors, GC.GetAllocatedBytesForCurrentThread() - bytes);
        foreach (ModelCache cache in caches)
            cache.Dispose();
        return ((double)tensors / Steps, (double)bytes / Steps);
    }

    private static long Made() => DisposeScopeManager.Statistics.CreatedInScopeCount + DisposeScopeManager.Statistics.CreatedOutsideScopeCount;
}
