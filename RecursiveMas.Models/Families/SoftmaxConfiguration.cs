using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Settings of the families whose block is norm, softmax attention, norm, gated MLP.</summary>
internal sealed record SoftmaxConfiguration : ModelConfiguration
{
    public required int IntermediateSize { get; init; }

    public required int QueryHeads { get; init; }

    public required int KeyValueHeads { get; init; }

    public required int HeadSize { get; init; }

    public required double NormEps { get; init; }

    public required RopeSettings Rope { get; init; }

    /// <summary>Biases of q_proj, k_proj and v_proj.</summary>
    public bool QkvBias { get; init; }

    /// <summary>Bias of o_proj.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Norms of queries and keys, per head, before the rotation.</summary>
    public bool QkNorm { get; init; }

    /// <summary>Sliding window of each layer, itself included; null for full attention.</summary>
    public required IReadOnlyList<int?> Windows { get; init; }

    /// <summary>Reads what these families have in common; every window is open.</summary>
    public static SoftmaxConfiguration Read(ConfigReader config)
    {
        config.Require(config.OptionalText("hidden_act") is null or "silu", "hidden_act", "silu");
        config.Require(!config.Bool("mlp_bias", false), "mlp_bias", "false");
        int hidden = config.Int("hidden_size"), heads = config.Int("num_attention_heads"), layers = config.Int("num_hidden_layers");
        int keyValueHeads = config.Int("num_key_value_heads", heads);
        Positive(config, "hidden_size", hidden);
        Positive(config, "num_attention_heads", heads);
        Positive(config, "num_hidden_layers", layers);
        config.Require(keyValueHeads > 0 && heads % keyValueHeads == 0, "num_key_value_heads", $"a divisor of {heads}");
        int headSize = config.Int("head_dim", hidden / heads);
        config.Require(headSize > 0 && headSize % 2 == 0, "head_dim", "a positive even number");
        return new SoftmaxConfiguration
        {
            ModelType = config.ModelType,
            HiddenSize = hidden,
            VocabularySize = config.Int("vocab_size"),
            LayerCount = layers,
            MaxPositions = config.Int("max_position_embeddings"),
            TiedHead = config.Bool("tie_word_embeddings", false),
            IntermediateSize = config.Int("intermediate_size"),
            QueryHeads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            NormEps = config.Double("rms_norm_eps"),
            Rope = RopeSettings.Read(config, headSize),
            Windows = new int?[layers],
        };
    }

    private static void Positive(ConfigReader config, string name, int value) => config.Require(value > 0, name, "a positive number");
}
