using System.Globalization;
using System.Text.Json.Nodes;
using RecursiveMas.Families;
using Xunit;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>
/// What each field of each family is where the file leaves it out or says null, by the configuration classes of transformers 5. A dash
/// stands for a refusal that names the field; rotary settings have a table of their own.
/// </summary>
public class FieldDefaultTests
{
    private const string Refused = "-";

    private static readonly Dictionary<string, string> s_sizes = new(StringComparer.Ordinal)
    {
        ["llama"] = """ "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32 """,
        ["mistral"] = """ "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32 """,
        ["qwen2"] = """ "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32 """,
        ["qwen3"] = """ "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32 """,
        ["gemma3_text"] = """ "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26 """,
        ["qwen3_5_text"] = """ "hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 32 """,
    };

    // Family, field, value where it is absent, value where it is null.
    public static TheoryData<string, string, string, string> Fields => new()
    {
        { "llama", "hidden_size", Refused, Refused },
        { "llama", "intermediate_size", Refused, Refused },
        { "llama", "num_hidden_layers", Refused, Refused },
        { "llama", "vocab_size", "32000", Refused },
        { "llama", "num_attention_heads", "32", Refused },
        { "llama", "num_key_value_heads", "32", "32" },
        { "llama", "head_dim", "128", "128" },
        { "llama", "max_position_embeddings", "2048", Refused },
        { "llama", "rms_norm_eps", "1E-06", Refused },
        { "llama", "tie_word_embeddings", "False", Refused },
        { "llama", "attention_bias", "False, False", Refused },
        { "llama", "mlp_bias", "", Refused },
        { "llama", "hidden_act", "", Refused },
        { "llama", "sliding_window", "32 full", "32 full" },
        { "llama", "layer_types", "32 full", "32 full" },
        { "mistral", "hidden_size", Refused, Refused },
        { "mistral", "intermediate_size", Refused, Refused },
        { "mistral", "num_hidden_layers", Refused, Refused },
        { "mistral", "vocab_size", "32000", Refused },
        { "mistral", "num_attention_heads", "32", Refused },
        { "mistral", "num_key_value_heads", "8", "32" },
        { "mistral", "head_dim", "128", "128" },
        { "mistral", "max_position_embeddings", "131072", Refused },
        { "mistral", "rms_norm_eps", "1E-06", Refused },
        { "mistral", "tie_word_embeddings", "False", Refused },
        { "mistral", "attention_bias", "False, False", "False, False" },
        { "mistral", "hidden_act", "", Refused },
        { "mistral", "sliding_window", "32 of 4096", "32 full" },
        { "mistral", "layer_types", "32 of 4096", "32 of 4096" },
        { "qwen2", "hidden_size", Refused, Refused },
        { "qwen2", "intermediate_size", Refused, Refused },
        { "qwen2", "num_hidden_layers", Refused, Refused },
        { "qwen2", "vocab_size", "151936", Refused },
        { "qwen2", "num_attention_heads", "32", Refused },
        { "qwen2", "num_key_value_heads", "32", "32" },
        { "qwen2", "head_dim", "128", "128" },
        { "qwen2", "max_position_embeddings", "32768", Refused },
        { "qwen2", "rms_norm_eps", "1E-06", Refused },
        { "qwen2", "tie_word_embeddings", "False", Refused },
        { "qwen2", "attention_bias", "True, False", "True, False" },
        { "qwen2", "hidden_act", "", Refused },
        { "qwen2", "use_sliding_window", "32 full", Refused },
        { "qwen2", "sliding_window", "32 full", "32 full" },
        { "qwen2", "max_window_layers", "32 full", "32 full" },
        { "qwen2", "layer_types", "32 full", "32 full" },
        { "qwen3", "hidden_size", Refused, Refused },
        { "qwen3", "intermediate_size", Refused, Refused },
        { "qwen3", "num_hidden_layers", Refused, Refused },
        { "qwen3", "vocab_size", "151936", Refused },
        { "qwen3", "num_attention_heads", "32", Refused },
        { "qwen3", "num_key_value_heads", "32", "32" },
        { "qwen3", "head_dim", "128", Refused },
        { "qwen3", "max_position_embeddings", "32768", Refused },
        { "qwen3", "rms_norm_eps", "1E-06", Refused },
        { "qwen3", "tie_word_embeddings", "False", Refused },
        { "qwen3", "attention_bias", "False, False", Refused },
        { "qwen3", "hidden_act", "", Refused },
        { "qwen3", "use_sliding_window", "32 full", Refused },
        { "qwen3", "sliding_window", "32 full", "32 full" },
        { "qwen3", "max_window_layers", "32 full", "32 full" },
        { "qwen3", "layer_types", "32 full", "32 full" },
        { "gemma3_text", "hidden_size", Refused, Refused },
        { "gemma3_text", "intermediate_size", Refused, Refused },
        { "gemma3_text", "num_hidden_layers", Refused, Refused },
        { "gemma3_text", "vocab_size", "262208", Refused },
        { "gemma3_text", "num_attention_heads", "8", Refused },
        { "gemma3_text", "num_key_value_heads", "4", Refused },
        { "gemma3_text", "head_dim", "256", Refused },
        { "gemma3_text", "max_position_embeddings", "131072", Refused },
        { "gemma3_text", "rms_norm_eps", "1E-06", Refused },
        { "gemma3_text", "tie_word_embeddings", "True", Refused },
        { "gemma3_text", "attention_bias", "False, False", Refused },
        { "gemma3_text", "hidden_activation", "", Refused },
        { "gemma3_text", "use_bidirectional_attention", "", "" },
        { "gemma3_text", "sliding_window", "22 of 4096", Refused },
        { "gemma3_text", "sliding_window_pattern", "22 of 4096", Refused },
        { "gemma3_text", "layer_types", "22 of 4096", "22 of 4096" },
        { "gemma3_text", "query_pre_attn_scalar", "256", Refused },
        { "gemma3_text", "attn_logit_softcapping", "", "" },
        { "gemma3_text", "final_logit_softcapping", "", "" },
        { "qwen3_5_text", "hidden_size", Refused, Refused },
        { "qwen3_5_text", "intermediate_size", Refused, Refused },
        { "qwen3_5_text", "num_hidden_layers", Refused, Refused },
        { "qwen3_5_text", "vocab_size", "248320", Refused },
        { "qwen3_5_text", "num_attention_heads", "16", Refused },
        { "qwen3_5_text", "num_key_value_heads", "4", Refused },
        { "qwen3_5_text", "head_dim", "256", Refused },
        { "qwen3_5_text", "max_position_embeddings", "32768", Refused },
        { "qwen3_5_text", "rms_norm_eps", "1E-06", Refused },
        { "qwen3_5_text", "tie_word_embeddings", "False", Refused },
        { "qwen3_5_text", "attention_bias", "False, False", Refused },
        { "qwen3_5_text", "hidden_act", "", Refused },
        { "qwen3_5_text", "layer_types", "24 linear", "24 linear" },
        { "qwen3_5_text", "full_attention_interval", "24 linear", Refused },
        { "qwen3_5_text", "attn_output_gate", "", Refused },
        { "qwen3_5_text", "output_gate_type", "", "" },
        { "qwen3_5_text", "mamba_ssm_dtype", "", "" },
        { "qwen3_5_text", "linear_conv_kernel_dim", "4", Refused },
        { "qwen3_5_text", "linear_key_head_dim", "128", Refused },
        { "qwen3_5_text", "linear_value_head_dim", "128", Refused },
        { "qwen3_5_text", "linear_num_key_heads", "16", Refused },
        { "qwen3_5_text", "linear_num_value_heads", "32", Refused },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void Absent_and_null_fields(string family, string field, string absent, string isNull)
    {
        JsonObject config = JsonNode.Parse($"{{\"model_type\": \"{family}\", {s_sizes[family]}}}")!.AsObject();
        config.Remove(field);
        Check(config, field, absent);
        config[field] = null;
        Check(config, field, isNull);
    }

    /// <summary>transformers saves the inner object as its difference from the family's defaults, sizes included.</summary>
    [Theory]
    [InlineData("gemma3", "gemma3_text")]
    [InlineData("qwen3_5", "qwen3_5_text")]
    public void An_inner_object_may_leave_everything_out(string outer, string inner)
    {
        var nested = new JsonObject { ["model_type"] = outer, ["text_config"] = new JsonObject { ["model_type"] = inner } };
        JsonObject flat = JsonNode.Parse($"{{\"model_type\": \"{outer}\", {s_sizes[inner]}}}")!.AsObject();
        Assert.Equal(TinyCheckpoint.Parse(flat), TinyCheckpoint.Parse(nested));
    }

    [Theory]
    [InlineData("llama", 64, 64)]
    [InlineData("mistral", 8, 64)]
    [InlineData("qwen2", 32, 64)]
    [InlineData("qwen3", 32, 64)]
    public void Key_value_heads_do_not_always_follow_the_query_heads(string family, int absent, int isNull)
    {
        JsonObject config = JsonNode.Parse($"{{\"model_type\": \"{family}\", \"num_attention_heads\": 64, {s_sizes[family]}}}")!.AsObject();
        Assert.Equal(absent, TinyCheckpoint.Parse(config).Attention.KeyValueHeads);
        config["num_key_value_heads"] = null;
        Assert.Equal(isNull, TinyCheckpoint.Parse(config).Attention.KeyValueHeads);
    }

    // Fields of sliding windows, together: which layers slide, and how far.
    public static TheoryData<string, string, string> Windows => new()
    {
        { "qwen2", """ "use_sliding_window": true """, "4 of 4096" },
        { "qwen2", """ "use_sliding_window": true, "sliding_window": 16 """, "4 of 16" },
        { "qwen2", """ "use_sliding_window": true, "max_window_layers": 0 """, "32 of 4096" },
        { "qwen2", """ "use_sliding_window": true, "max_window_layers": null """, "!max_window_layers = null" },
        { "qwen3", """ "use_sliding_window": true, "sliding_window": null """, "32 full" },
        { "qwen3", """ "use_sliding_window": true, "sliding_window": 0 """, "!sliding_window = 0" },
        { "qwen3", """ "use_sliding_window": false, "sliding_window": 16, "max_window_layers": 1 """, "32 full" },
        { "qwen3", """ "num_hidden_layers": 2, "use_sliding_window": true, "layer_types": ["sliding_attention", "full_attention"] """, "1 of 4096" },
        { "qwen3", """ "num_hidden_layers": 1, "layer_types": ["sliding_attention"] """, "!layer_types" },
        { "qwen3", """ "num_hidden_layers": 1, "use_sliding_window": true, "sliding_window": null, "layer_types": ["sliding_attention"] """, "!layer_types" },
        { "mistral", """ "sliding_window": 0 """, "!sliding_window = 0" },
        { "mistral", """ "num_hidden_layers": 2, "layer_types": ["sliding_attention", "full_attention"] """, "!layer_types" },
        { "mistral", """ "num_hidden_layers": 1, "sliding_window": null, "layer_types": ["sliding_attention"] """, "!layer_types" },
        { "mistral", """ "num_hidden_layers": 1, "sliding_window": null, "layer_types": ["full_attention"] """, "1 full" },
        { "llama", """ "sliding_window": 4096 """, "!sliding_window = 4096" },
        { "llama", """ "num_hidden_layers": 1, "layer_types": ["sliding_attention"] """, "!layer_types" },
        { "llama", """ "num_hidden_layers": 1, "layer_types": ["full_attention"] """, "1 full" },
        { "gemma3_text", """ "sliding_window_pattern": 2, "sliding_window": 16 """, "13 of 16" },
        { "gemma3_text", """ "_sliding_window_pattern": 2 """, "13 of 4096" },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void Sliding_windows(string family, string fields, string expected)
    {
        JsonObject config = JsonNode.Parse($"{{\"model_type\": \"{family}\", {s_sizes[family]}}}")!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse($"{{{fields}}}")!.AsObject())
            config[name] = value?.DeepClone();
        if (expected.StartsWith('!'))
            Assert.Contains(expected[1..], Assert.ThrowsAny<CheckpointException>(() => TinyCheckpoint.Parse(config)).Message, StringComparison.Ordinal);
        else
            Check(config, "sliding_window", expected);
    }

    private static void Check(JsonObject config, string field, string expected)
    {
        if (expected == Refused)
        {
            CheckpointException error = Assert.ThrowsAny<CheckpointException>(() => TinyCheckpoint.Parse(config));
            Assert.Contains(field, error.Message, StringComparison.Ordinal);
            return;
        }

        DecoderConfiguration read = TinyCheckpoint.Parse(config);
        IReadOnlyList<int?>? windows = (read as SoftmaxConfiguration)?.Windows ?? (read as Gemma3Configuration)?.Windows;
        object? value = field switch
        {
            "vocab_size" => read.VocabularySize,
            "num_attention_heads" => read.Attention.QueryHeads,
            "num_key_value_heads" => read.Attention.KeyValueHeads,
            "head_dim" => read.Attention.HeadSize,
            "max_position_embeddings" => read.MaxPositions,
            "rms_norm_eps" => read.NormEps,
            "tie_word_embeddings" => read.TiedHead,
            "attention_bias" => $"{read.QkvBias}, {read.OutputBias}",
            "query_pre_attn_scalar" => ((Gemma3Configuration)read).QueryScalar,
            "final_logit_softcapping" => ((Gemma3Configuration)read).FinalSoftCap,
            "linear_conv_kernel_dim" => ((Qwen35Configuration)read).Delta.Kernel,
            "linear_key_head_dim" => ((Qwen35Configuration)read).Delta.KeySize,
            "linear_value_head_dim" => ((Qwen35Configuration)read).Delta.ValueSize,
            "linear_num_key_heads" => ((Qwen35Configuration)read).Delta.KeyHeads,
            "linear_num_value_heads" => ((Qwen35Configuration)read).Delta.ValueHeads,
            _ when expected.Length == 0 => null, // one value is computed, so that it is read at all is what there is to see
            _ when read is Qwen35Configuration qwen35 => $"{qwen35.LinearLayers.Count(linear => linear)} linear",
            _ => windows!.Count(window => window is not null) is > 0 and int sliding
                ? $"{sliding} of {windows!.First(window => window is not null)}"
                : $"{windows!.Count} full",
        };
        Assert.Equal(expected, Convert.ToString(value, CultureInfo.InvariantCulture));
    }
}
