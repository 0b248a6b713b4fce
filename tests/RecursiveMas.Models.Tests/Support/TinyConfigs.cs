namespace RecursiveMas.Models.Tests;

/// <summary>One small configuration of each family, for models that tests make themselves.</summary>
internal static class TinyConfigs
{
    private const string Common = """
        "hidden_size": 24, "intermediate_size": 40, "vocab_size": 50, "max_position_embeddings": 512,
        "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-6
        """;

    private static readonly Dictionary<string, string> s_configs = new(StringComparer.Ordinal)
    {
        ["llama"] = """
            "model_type": "llama", "num_hidden_layers": 2, "tie_word_embeddings": true,
            "rope_parameters": {"rope_theta": 500000.0, "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64}
            """,
        ["qwen2"] = """ "model_type": "qwen2", "num_hidden_layers": 2, "tie_word_embeddings": false, "rope_parameters": {"rope_theta": 10000.0} """,
        ["qwen3"] =
            """ "model_type": "qwen3", "num_hidden_layers": 2, "head_dim": 10, "tie_word_embeddings": true, "rope_parameters": {"rope_theta": 1000000.0} """,
        ["mistral"] = """
            "model_type": "mistral", "num_hidden_layers": 2, "sliding_window": 8, "tie_word_embeddings": false,
            "rope_parameters": {"rope_theta": 10000.0}
            """,
        ["gemma3_text"] = """
            "model_type": "gemma3_text", "num_hidden_layers": 3, "head_dim": 16, "sliding_window": 8, "query_pre_attn_scalar": 12,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
            "rope_parameters": {"full_attention": {"rope_theta": 1000000.0, "rope_type": "linear", "factor": 8.0}, "sliding_attention": {"rope_theta": 10000.0}}
            """,
        ["qwen3_5_text"] = """
            "model_type": "qwen3_5_text", "num_hidden_layers": 4, "head_dim": 16, "tie_word_embeddings": true,
            "linear_conv_kernel_dim": 4, "linear_key_head_dim": 8, "linear_value_head_dim": 8, "linear_num_key_heads": 2, "linear_num_value_heads": 4,
            "rope_parameters": {"rope_theta": 10000000.0, "partial_rotary_factor": 0.25}
            """,
    };

    public static IEnumerable<string> Families => s_configs.Keys;

    public static string Of(string family) => $"{{{Common}, {s_configs[family]}}}";
}
