using System.Text.Json.Nodes;
using RecursiveMas.Families;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Kernels;

/// <summary>What computing on stored weights, and rounding them to bytes, costs in exactness, against float64.</summary>
public class LossTests
{
    /// <summary>Largest error of a state or score, of the largest magnitude, that counts as computed in float32.</summary>
    private const double OfFloat32 = 1e-5;

    private const int Prompt = 40, Steps = 12;

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float32)]
    public void Stored_weights_give_the_results_of_float32(ScalarType stored)
    {
        using TinyCheckpoint checkpoint = Checkpoint(stored);
        (double states, double logits) = Errors(checkpoint, WeightFormat.Auto);
        Assert.InRange(states, 0, OfFloat32);
        Assert.InRange(logits, 0, OfFloat32);
    }

    [Fact]
    public void Bytes_give_nearly_the_same()
    {
        using TinyCheckpoint checkpoint = Checkpoint(ScalarType.BFloat16);
        (double states, double logits) = Errors(checkpoint, WeightFormat.Int8);
        // Were it less, nothing would have been rounded.
        Assert.InRange(states, 1e-4, 0.03);
        Assert.InRange(logits, 1e-4, 0.03);
    }

    [Fact]
    [Trait("Category", "Long")]
    public void A_real_model_loses_no_more()
    {
        CheckpointFolder folder = CheckpointFolder.FromDirectory(Testing.RealModel.Folder());
        using SafetensorsFile weights = SafetensorsFile.Open(folder, "model.safetensors");
        var oracle = new LlamaOracle(new LlamaShape(30, 9, 3, 100_000, 1e-5), name => weights.Get($"model.{name}"));
        long[] ids = [.. Enumerable.Range(0, Prompt + Steps).Select(i => 300L + (i * 7919 % 40_000))];
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        Tensor states = oracle.States(ids), logits = oracle.Logits(states);
        using ICausalLanguageModel exact = CausalLanguageModel.Load(folder, cancellationToken: TestContext.Current.CancellationToken);
        (Tensor read, Tensor scores) = Read(exact, ids);
        TensorChecks.Close(states, read, OfFloat32, "states");
        TensorChecks.Close(logits, scores, OfFloat32, "logits");
        using ICausalLanguageModel bytes = CausalLanguageModel.Load(
            folder, new ModelLoadOptions { Weights = WeightFormat.Int8 }, cancellationToken: TestContext.Current.CancellationToken);
        (_, scores) = Read(bytes, ids);
        TensorChecks.Close(logits, scores, 0.15, "logits of bytes");
        double agree = scores.argmax(-1).eq(logits.argmax(-1)).to_type(ScalarType.Float64).mean().ToDouble();
        Assert.InRange(agree, 0.75, 1);
    }

    /// <summary>Largest errors of states and scores, of the largest magnitude, over a prompt and steps behind it.</summary>
    private static (double States, double Logits) Errors(TinyCheckpoint checkpoint, WeightFormat format)
    {
        var oracle = new LlamaOracle(new LlamaShape(2, 16, 8, 10_000, 1e-6), name => checkpoint.Weights[name]);
        long[] ids = [.. Enumerable.Range(0, Prompt + Steps).Select(i => (long)(i * 7 % 50))];
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        using DecoderModel model = checkpoint.Load(new ModelLoadOptions { Dtype = ModelDtype.Float32, Weights = format });
        Tensor states = oracle.States(ids);
        (Tensor read, Tensor scores) = Read(model, ids);
        return (Error(states, read), Error(oracle.Logits(states), scores));
    }

    /// <summary>States and scores of all positions: a prompt in one piece, then single positions.</summary>
    private static (Tensor States, Tensor Logits) Read(ICausalLanguageModel model, long[] ids)
    {
        using ModelCache cache = model.CreateCache(ids.Length);
        Tensor embeddings = model.Embed(tensor(ids));
        Tensor states = model.ReadInPieces(embeddings, cache, [Prompt, .. Enumerable.Repeat(1, Steps)]);
        return (states, cat([.. states.split(1, 0).Select(model.Logits)]));
    }

    private static double Error(Tensor expected, Tensor actual) =>
        ((expected - actual.to_type(ScalarType.Float64)).abs().max() / expected.abs().max()).ToDouble();

    private static TinyCheckpoint Checkpoint(ScalarType stored) => new(
        TinyCheckpoint.ConfigOf(
            "llama",
            ("hidden_size", 256), ("intermediate_size", 1024), ("num_attention_heads", 16), ("num_key_value_heads", 8),
            ("rope_parameters", JsonNode.Parse("""{ "rope_theta": 10000.0 }"""))),
        stored);
}
