using System.Text.Json.Nodes;
using RecursiveMas.Families;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>The weights that the configurations of released models demand: how many elements, how many tensors, which layers are of which kind.</summary>
public class ParameterCountTests
{
    private const string Qwen2 =
        """ "model_type": "qwen2", "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "max_position_embeddings": 32768, "vocab_size": 151936 """;
    private const string Llama3 = """
        "model_type": "llama", "rms_norm_eps": 1e-5, "vocab_size": 128256, "tie_word_embeddings": true, "max_position_embeddings": 131072,
        "rope_theta": 500000.0,
        "rope_scaling": {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
        """;
    private const string Qwen35 = """
        "model_type": "qwen3_5", "text_config": {"rms_norm_eps": 1e-6, "vocab_size": 248320, "max_position_embeddings": 262144, "head_dim": 256,
        "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128, "linear_value_head_dim": 128, "linear_num_key_heads": 16,
        "rope_parameters": {"rope_theta": 10000000.0, "partial_rotary_factor": 0.25},
        """;

    public static TheoryData<string, string, long, int> Models => new()
    {
        { "Qwen2.5-Math-1.5B", $"{Qwen2}, {Sizes(1536, 28, 12, 2, 8960)}, \"tie_word_embeddings\": true", 1_543_714_304, 338 },
        { "DeepSeek-R1-Distill-Qwen-1.5B", $"{Qwen2}, {Sizes(1536, 28, 12, 2, 8960)}, \"tie_word_embeddings\": false", 1_777_088_000, 339 },
        { "Qwen2.5-Coder-3B", $"{Qwen2}, {Sizes(2048, 36, 16, 2, 11008)}, \"tie_word_embeddings\": true", 3_085_938_688, 434 },
        {
            "Qwen3-1.7B",
            $"\"model_type\": \"qwen3\", \"rms_norm_eps\": 1e-6, \"rope_theta\": 1e6, \"max_position_embeddings\": 40960, " +
            $"\"vocab_size\": 151936, \"head_dim\": 128, {Sizes(2048, 28, 16, 8, 6144)}, \"tie_word_embeddings\": true",
            1_720_574_976, 310
        },
        { "Llama-3.2-1B", $"{Llama3}, {Sizes(2048, 16, 32, 8, 8192)}, \"head_dim\": 64", 1_235_814_400, 146 },
        { "Llama-3.2-3B", $"{Llama3}, {Sizes(3072, 28, 24, 8, 8192)}, \"head_dim\": 128", 3_212_749_824, 254 },
        {
            "BioMistral-7B",
            $"\"model_type\": \"mistral\", \"rms_norm_eps\": 1e-5, \"rope_theta\": 1e4, \"max_position_embeddings\": 32768, " +
            $"\"vocab_size\": 32000, \"sliding_window\": 4096, {Sizes(4096, 32, 32, 8, 14336)}, \"tie_word_embeddings\": false",
            7_241_732_096, 291
        },
        // As published: nearly everything is left to defaults.
        {
            "Gemma 3 4B",
            """
            "model_type": "gemma3",
            "text_config": {"model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34, "sliding_window": 1024,
            "rope_scaling": {"factor": 8.0, "rope_type": "linear"}}
            """,
            3_880_263_168, 444
        },
        { "Qwen3.5-2B", $"{Qwen35} {Sizes(2048, 24, 8, 2, 6144)}, \"linear_num_value_heads\": 16, \"tie_word_embeddings\": true}}", 1_881_825_088, 320 },
        { "Qwen3.5-4B", $"{Qwen35} {Sizes(2560, 32, 16, 4, 9216)}, \"linear_num_value_heads\": 32}}, \"tie_word_embeddings\": true", 4_205_751_296, 426 },
        { "Qwen3.5-9B", $"{Qwen35} {Sizes(4096, 32, 16, 4, 12288)}, \"linear_num_value_heads\": 32, \"tie_word_embeddings\": false}}", 8_953_803_264, 427 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Released_geometry(string model, string config, long parameters, int tensors)
    {
        DecoderConfiguration parsed = Parse(config);
        Assert.True(parameters == parsed.Weights().ElementCount, $"{model}: {parsed.Weights().ElementCount:N0} parameters");
        Assert.Equal(tensors, parsed.Weights().All.Count);
        Assert.Equal(parsed.LayerCount, parsed.Caches().Count);
    }

    [Fact]
    public void Gemma_has_five_global_layers_and_the_last_one_slides()
    {
        var gemma = (Gemma3Configuration)Parse(Config("Gemma 3 4B"));
        Assert.Equal([5, 11, 17, 23, 29], Enumerable.Range(0, gemma.LayerCount).Where(layer => gemma.Windows[layer] is null));
        Assert.Equal(1024, gemma.Windows[33]);
        Assert.Equal((1e6, 8.0), (gemma.Rope.Theta, gemma.Rope.LinearFactor));
        Assert.Equal((1e4, 1.0), (gemma.LocalRope.Theta, gemma.LocalRope.LinearFactor));
    }

    [Theory]
    [InlineData("Qwen3.5-2B", 18, 6)]
    [InlineData("Qwen3.5-4B", 24, 8)]
    public void Every_fourth_layer_of_qwen35_is_softmax_attention(string model, int linear, int full)
    {
        var qwen = (Qwen35Configuration)Parse(Config(model));
        Assert.Equal((linear, full), (qwen.LinearLayers.Count(x => x), qwen.LinearLayers.Count(x => !x)));
        Assert.All(Enumerable.Range(0, qwen.LayerCount), layer => Assert.Equal((layer + 1) % 4 != 0, qwen.LinearLayers[layer]));
        Assert.Equal(64, qwen.Rope.Channels);
    }

    [Theory]
    [InlineData("Qwen3.5-2B", 18)]
    [InlineData("Qwen3.5-4B", 48)]
    [InlineData("Qwen3.5-9B", 48)]
    public void States_take_as_many_mebibytes_a_row_whatever_its_length(string model, int mebibytes)
    {
        var qwen = (Qwen35Configuration)Parse(Config(model));
        long columns = (long)qwen.LinearLayers.Count(linear => linear) * 3 * qwen.Delta.Channels * sizeof(short);
        long bytes = qwen.Caches().Where((_, layer) => qwen.LinearLayers[layer]).Sum(cache => cache.Bytes(100_000, sizeof(short)));
        Assert.Equal(mebibytes << 20, bytes - columns);
    }

    [Fact]
    public void Mistral_slides_on_every_layer()
    {
        var mistral = (SoftmaxConfiguration)Parse(Config("BioMistral-7B"));
        Assert.All(mistral.Windows, window => Assert.Equal(4096, window));
    }

    private static string Config(string model) => Models.Single(row => row.Data.Item1 == model).Data.Item2;

    private static DecoderConfiguration Parse(string fields) => TinyCheckpoint.Parse(JsonNode.Parse($"{{{fields}}}")!.AsObject());

    private static string Sizes(int hidden, int layers, int heads, int keyValueHeads, int inner) =>
        $"\"hidden_size\": {hidden}, \"num_hidden_layers\": {layers}, \"num_attention_heads\": {heads}, \"num_key_value_heads\": {keyValueHeads}, " +
        $"\"intermediate_size\": {inner}";

    /// <summary>A hostile configuration may claim much: listing its weights takes no memory for them.</summary>
    [Theory]
    [InlineData("gemma3_text")]
    [InlineData("qwen3_5_text")]
    public void Listing_weights_takes_none_of_their_memory(string family)
    {
        DecoderConfiguration config = TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf(family, ("hidden_size", 1 << 20)));
        long before = NativeMemoryUse.Now(), count = 0;
        long peak = NativeMemoryUse.Peak(() => count = config.Weights().ElementCount);
        Assert.True(count > 1L << 26, $"{count} elements");
        Assert.InRange(peak - before, long.MinValue, 8 << 20);
    }
}
