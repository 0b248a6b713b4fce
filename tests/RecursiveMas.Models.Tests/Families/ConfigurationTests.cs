using System.Text.Json.Nodes;
using RecursiveMas.Configuration;
using RecursiveMas.Families;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>Older and newer files mean the same; what is missing or unknown is an error that names it, before any weight is read.</summary>
public class ConfigurationTests
{
    public static IEnumerable<object[]> Families => TinyConfigs.Families.Select(family => new object[] { family });

    public static TheoryData<string, string, string> Unsupported => new()
    {
        { "llama", "hidden_act", "\"gelu\"" },
        { "llama", "mlp_bias", "true" },
        { "llama", "num_key_value_heads", "3" },
        { "llama", "head_dim", "7" },
        { "llama", "rope_parameters", "{\"rope_theta\": 1e4, \"rope_type\": \"yarn\", \"factor\": 4.0}" },
        { "llama", "rope_parameters", "{\"rope_theta\": 1e4, \"rope_type\": \"linear\", \"factor\": 0}" },
        { "qwen2", "rope_parameters", "{\"rope_theta\": 1e4, \"type\": \"dynamic\", \"factor\": 4.0}" },
        { "qwen2", "rope_parameters", "{\"rope_theta\": 0}" },
        { "mistral", "sliding_window", "0" },
        { "mistral", "layer_types", "[\"sliding_attention\"]" },
        { "mistral", "layer_types", "[\"sliding_attention\", \"chunked_attention\"]" },
        { "gemma3_text", "hidden_activation", "\"gelu\"" },
        { "gemma3_text", "use_bidirectional_attention", "true" },
        { "gemma3_text", "query_pre_attn_scalar", "0" },
        { "gemma3_text", "final_logit_softcapping", "-1" },
        { "gemma3_text", "attn_logit_softcapping", "50.0" },
        { "gemma3_text", "layer_types", "[\"linear_attention\", \"full_attention\", \"full_attention\"]" },
        { "qwen3_5_text", "hidden_act", "\"relu\"" },
        { "qwen3_5_text", "output_gate_type", "\"sigmoid\"" },
        { "qwen3_5_text", "attn_output_gate", "false" },
        { "qwen3_5_text", "mamba_ssm_dtype", "\"bfloat16\"" },
        { "qwen3_5_text", "linear_num_value_heads", "3" },
        { "qwen3_5_text", "layer_types", "[\"sliding_attention\", \"linear_attention\", \"linear_attention\", \"full_attention\"]" },
        { "qwen3_5_text", "rope_parameters", "{\"rope_theta\": 1e4, \"partial_rotary_factor\": 1.5}" },
    };

    public static TheoryData<string, string> Damaged => new()
    {
        { "hidden_size", "0" },
        { "hidden_size", "-4" },
        { "hidden_size", "2147483647" },
        { "hidden_size", "\"many\"" },
        { "hidden_size", "1e99" },
        { "num_hidden_layers", "2000000000" },
        { "vocab_size", "99999999999" },
        { "num_attention_heads", "1.5" },
        { "head_dim", "1000000000" },
        { "rms_norm_eps", "\"small\"" },
        { "tie_word_embeddings", "1" },
        { "rope_parameters", "[]" },
        { "layer_types", "\"full_attention\"" },
    };

    [Theory]
    [InlineData(
        "llama",
        """ "rope_theta": 500000.0, "rope_scaling": {"type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, """ +
        """ "original_max_position_embeddings": 64} """)]
    [InlineData("qwen2", """ "rope_theta": 10000.0, "rope_scaling": null, "use_sliding_window": false, "sliding_window": 4096, "max_window_layers": 1 """)]
    [InlineData("qwen3", """ "rope_theta": 1000000.0 """)]
    [InlineData("mistral", """ "rope_theta": 10000.0 """)]
    [InlineData("gemma3_text", """ "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0, "rope_scaling": {"rope_type": "linear", "factor": 8.0} """)]
    [InlineData(
        "qwen3_5_text",
        """ "rope_theta": 10000000.0, "partial_rotary_factor": 0.25, "rope_scaling": {"type": "default", "mrope_section": [1, 1, 0]} """)]
    public void Older_rope_fields_mean_the_same(string family, string older)
    {
        JsonObject config = TinyCheckpoint.ConfigOf(family);
        DecoderConfiguration newer = TinyCheckpoint.Parse(config);
        config.Remove("rope_parameters");
        foreach ((string name, JsonNode? value) in JsonNode.Parse($"{{{older}}}")!.AsObject())
            config[name] = value?.DeepClone();
        Assert.Equal(newer, TinyCheckpoint.Parse(config));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Nested_text_settings_mean_the_same(string family)
    {
        JsonObject config = TinyCheckpoint.ConfigOf(family);
        DecoderConfiguration flat = TinyCheckpoint.Parse(config);
        var nested = new JsonObject
        {
            ["model_type"] = family,
            ["hidden_size"] = 7,
            ["vision_config"] = new JsonObject { ["hidden_size"] = 8 },
            ["text_config"] = config.DeepClone(),
        };
        Assert.Equal(flat, TinyCheckpoint.Parse(nested));
        // A tied head may be told on either level, nothing else may.
        nested["text_config"]!.AsObject().Remove("tie_word_embeddings");
        nested["tie_word_embeddings"] = flat.TiedHead;
        Assert.Equal(flat, TinyCheckpoint.Parse(nested));
    }

    [Theory]
    [InlineData("gemma3_text", "layer_types", "sliding_window_pattern", "2", "[\"sliding_attention\", \"full_attention\", \"sliding_attention\"]")]
    [InlineData("gemma3_text", "layer_types", "_sliding_window_pattern", "2", "[\"sliding_attention\", \"full_attention\", \"sliding_attention\"]")]
    [InlineData(
        "qwen3_5_text",
        "layer_types",
        "full_attention_interval",
        "2",
        "[\"linear_attention\", \"full_attention\", \"linear_attention\", \"full_attention\"]")]
    [InlineData("mistral", "layer_types", "sliding_window", "8", "[\"sliding_attention\", \"sliding_attention\"]")]
    public void A_list_of_layers_and_a_rule_mean_the_same(string family, string list, string rule, string value, string listed)
    {
        JsonObject byRule = TinyCheckpoint.ConfigOf(family, (rule, JsonNode.Parse(value)));
        byRule.Remove(list);
        Assert.Equal(TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf(family, (list, JsonNode.Parse(listed)))), TinyCheckpoint.Parse(byRule));
    }

    [Theory]
    [InlineData("qwen3_5_text", "qwen3_5")]
    [InlineData("gemma3_text", "gemma3")]
    public void The_multimodal_name_of_a_family_is_known(string text, string multimodal)
    {
        JsonObject config = TinyCheckpoint.ConfigOf(text);
        Assert.Equal(
            TinyCheckpoint.Parse(config) with { ModelType = multimodal },
            TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf(text, ("model_type", multimodal))));
    }

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void What_the_code_does_not_compute_is_refused(string family, string name, string value)
    {
        CheckpointException error =
            Assert.ThrowsAny<CheckpointException>(() => TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf(family, (name, JsonNode.Parse(value)))));
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(name == "rope_parameters" ? "" : name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Damaged))]
    public void Damaged_values_are_refused(string name, string value)
    {
        CheckpointException error =
            Assert.ThrowsAny<CheckpointException>(() => TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf("mistral", (name, JsonNode.Parse(value)))));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_family_is_refused_with_the_known_ones()
    {
        UnsupportedCheckpointException error =
            Assert.Throws<UnsupportedCheckpointException>(() => TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf("llama", ("model_type", "mamba"))));
        Assert.Contains("'mamba'", error.Message, StringComparison.Ordinal);
        Assert.All(TinyConfigs.Families, family => Assert.Contains(family, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_refusal_comes_before_weights_are_looked_for()
    {
        using var folder = new TemporaryFolder();
        folder.Write("config.json", TinyCheckpoint.ConfigOf("llama", ("mlp_bias", true)).ToJsonString());
        UnsupportedCheckpointException error = Assert.Throws<UnsupportedCheckpointException>(() => CausalLanguageModel.Load(
            folder.Folder, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("mlp_bias", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_size_of_its_own_goes_first()
    {
        DecoderConfiguration qwen3 = TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf("qwen3"));
        Assert.Equal(10, qwen3.Attention.HeadSize);
        Assert.Equal([40L, 24], qwen3.Weights()["layers.0.self_attn.q_proj.weight"]);
        Assert.Equal(6, TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf("qwen2")).Attention.HeadSize);
    }
}
