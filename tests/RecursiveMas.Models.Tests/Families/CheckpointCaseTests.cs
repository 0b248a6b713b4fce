using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using RecursiveMas.Configuration;
using RecursiveMas.Families;
using RecursiveMas.Generation.Sampling;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>Small checkpoints after reports from the field, on which a model answered otherwise than in transformers, or failed without a reason.</summary>
public class CheckpointCaseTests
{
    private static readonly long[] s_ids = [1, 5, 3, 9];

    [Theory]
    [InlineData("tied", true)]
    [InlineData("untied", false)]
    public void A_head_of_its_own_is_used_whatever_the_configuration_says(string variant, bool told)
    {
        var log = new FakeLogger();
        Assert.Equal(5, Next(Folder("tied-but-different-head", variant), log));
        Assert.Equal(told, log.Collector
            .GetSnapshot()
            .Any(entry => entry.Level == LogLevel.Information && entry.Message.Contains("tie_word_embeddings", StringComparison.Ordinal)));
    }

    [Fact]
    public void Rope_scaling_beside_rope_parameters_counts()
    {
        Assert.Equal(5, Next(Folder("rope-scaling-beside-rope-parameters", "linear-only")));
        Assert.Equal(5, Next(Folder("rope-scaling-beside-rope-parameters", "linear")));
        UnsupportedCheckpointException error = Assert.Throws<UnsupportedCheckpointException>(() => Next(Folder("rope-scaling-beside-rope-parameters", "yarn")));
        Assert.Contains("'yarn'", error.Message, StringComparison.Ordinal);
        var gemma = (Gemma3Configuration)Read(Folder("rope-scaling-beside-rope-parameters", "gemma3"));
        Assert.Equal((8.0, 1.0), (gemma.Rope.LinearFactor, gemma.LocalRope.LinearFactor));
    }

    [Fact]
    public void An_absent_base_frequency_is_that_of_the_family()
    {
        Assert.Equal(10000, ((SoftmaxConfiguration)Read(Folder("rope-theta-absent", "llama"))).Rope.Theta);
        var gemma = (Gemma3Configuration)Read(Folder("rope-theta-absent", "gemma3"));
        Assert.Equal((1e6, 1e4), (gemma.Rope.Theta, gemma.LocalRope.Theta));
    }

    [Fact]
    public void Generation_settings_that_are_not_computed_are_refused_by_name()
    {
        UnsupportedCheckpointException error =
            Assert.Throws<UnsupportedCheckpointException>(() => ModelSamplingDefaults.Read(Folder("generation-config-ignored-keys")));
        Assert.Contains("no_repeat_ngram_size = 3", error.Message, StringComparison.Ordinal);
        Assert.Contains(ModelSamplingDefaults.FileName, error.File, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_packed_by_MLX_are_refused_as_quantised()
    {
        CheckpointFolder folder = Folder("mlx-quantized");
        Assert.Contains("quantization = ", Assert.Throws<UnsupportedCheckpointException>(() => Next(folder)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "quantised",
            Assert.Throws<UnsupportedCheckpointException>(() => CausalLanguageModel.EstimateMemory(folder)).Message,
            StringComparison.Ordinal);
        using WeightFiles files = WeightFiles.Open(folder);
        Assert.Contains("quantised", Assert.Throws<UnsupportedCheckpointException>(() => Quantization.Refuse(files)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("module")]
    [InlineData("compiled")]
    public void Weights_saved_inside_a_wrapper_are_read(string variant) => Assert.Equal(5, Next(Folder("wrapped-weight-names", variant)));

    private static CheckpointFolder Folder(params string[] inside) => CheckpointFolder.FromDirectory(Goldens.Folder("cases", inside));

    private static DecoderConfiguration Read(CheckpointFolder folder)
    {
        ConfigReader config = ConfigReader.Open(folder);
        return ModelFamilies.Find(config).Read(config);
    }

    /// <summary>The most probable id behind the ids of the reports.</summary>
    private static long Next(CheckpointFolder folder, ILogger? log = null)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        var options = new ModelLoadOptions { Dtype = ModelDtype.Float32, Weights = WeightFormat.Plain };
        using ICausalLanguageModel model = CausalLanguageModel.Load(folder, options, log);
        return model.Logits(model.Read(model.Embed(tensor(s_ids)))[-1]).argmax().ToInt64();
    }
}
