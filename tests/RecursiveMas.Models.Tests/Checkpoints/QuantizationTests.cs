using System.Text.Json.Nodes;
using RecursiveMas.Families;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Checkpoints;

/// <summary>Quantised weights are refused as such, by what the configuration says and by what the files hold, whatever tool packed them.</summary>
public class QuantizationTests
{
    private const string Projection = "model.layers.0.mlp.up_proj";

    public static TheoryData<string> Parts =>
    [
        $"{Projection}.qweight", $"{Projection}.qzeros", $"{Projection}.g_idx", $"{Projection}.scales", $"{Projection}.biases", $"{Projection}.weight.absmax",
        $"{Projection}.weight.nested_absmax", $"{Projection}.weight.quant_map", $"{Projection}.weight.quant_state.bitsandbytes__nf4", $"{Projection}.SCB",
        $"{Projection}.weight_packed", $"{Projection}.weight_scale", $"{Projection}.weight_scale_inv", $"{Projection}.weight_zero_point",
        $"{Projection}.input_scale", $"{Projection}.W_q", $"{Projection}.codebooks", $"{Projection}.weight._data", "model.embed_tokens.scales",
    ];

    [Theory]
    [InlineData("quantization", """{"group_size": 64, "bits": 4}""")]
    [InlineData("quantization_config", """{"quant_method": "awq", "bits": 4}""")]
    [InlineData("quantization_config", "{}")]
    [InlineData("compression_config", """{"format": "pack-quantized"}""")]
    public void The_configuration_tells(string field, string value)
    {
        JsonObject flat = TinyCheckpoint.ConfigOf("llama", (field, JsonNode.Parse(value)));
        JsonObject within = new() { ["model_type"] = "llama", ["text_config"] = flat.DeepClone() };
        JsonObject beside = new() { ["model_type"] = "llama", ["text_config"] = TinyCheckpoint.ConfigOf("llama"), [field] = JsonNode.Parse(value) };
        foreach (JsonObject config in new[] { flat, within, beside })
        {
            UnsupportedCheckpointException error = Assert.Throws<UnsupportedCheckpointException>(() => TinyCheckpoint.Parse(config));
            Assert.Contains($"{field} = ", error.Message, StringComparison.Ordinal);
            Assert.Contains("quantised", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_null_tells_nothing() => TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf("llama", ("quantization_config", null), ("quantization", null)));

    [Theory]
    [MemberData(nameof(Parts))]
    public void The_names_tell(string name)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        checkpoint.Weights.Add(name, ones(3));
        Refused(checkpoint, name, weight => weight == name ? name : TinyCheckpoint.TextOnly(weight));
    }

    [Theory]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Int32)]
    public void The_element_type_tells(ScalarType type)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        const string Name = "layers.0.mlp.up_proj.weight";
        checkpoint.Weights[Name].Dispose();
        checkpoint.Weights[Name] = ones([40, 24], type);
        Refused(checkpoint, Name);
    }

    [Theory]
    [InlineData("int8")]
    [InlineData("float8_e4m3fn")]
    public void An_element_type_that_is_not_known_is_named(string type)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama", ("dtype", type)));
        Assert.Contains($"dtype = {type}", Assert.Throws<UnsupportedCheckpointException>(() => checkpoint.Load()).Message, StringComparison.Ordinal);
    }

    private static void Refused(TinyCheckpoint checkpoint, string name, Func<string, string>? rename = null)
    {
        UnsupportedCheckpointException error = Assert.Throws<UnsupportedCheckpointException>(() =>
        {
            using DecoderModel model = checkpoint.Load(rename: rename);
        });
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("quantised", error.Message, StringComparison.Ordinal);
    }
}
