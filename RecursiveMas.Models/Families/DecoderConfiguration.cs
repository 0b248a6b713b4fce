using System.Diagnostics.CodeAnalysis;
using RecursiveMas.Caching;
using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Layers;
using RecursiveMas.Weights;

namespace RecursiveMas.Families;

/// <summary>What the configurations of all families have in common, and the two lists that follow from one: its weights and its caches.</summary>
internal abstract record DecoderConfiguration : ModelConfiguration
{
    private const int MostLayers = 1 << 10, MostWidth = 1 << 20, MostRows = 1 << 24;

    /// <summary>Reads the common settings; whatever is missing, damaged or unknown is an error that names it.</summary>
    [SetsRequiredMembers]
    protected DecoderConfiguration(ConfigReader config, DecoderDefaults? absent = null)
    {
        config.Require(!config.Has("quantization_config"), "quantization_config", "none; take the repository with the original weights");
        ModelType = config.ModelType;
        HiddenSize = config.Count("hidden_size", MostWidth);
        VocabularySize = config.Count("vocab_size", MostRows, absent?.VocabularySize);
        LayerCount = config.Count("num_hidden_layers", MostLayers);
        MaxPositions = config.Count("max_position_embeddings", int.MaxValue, absent?.MaxPositions);
        TiedHead = config.Bool("tie_word_embeddings", absent?.TiedHead ?? false);
        IntermediateSize = config.Count("intermediate_size", MostWidth);
        int queryHeads = config.Count("num_attention_heads", MostWidth, absent?.QueryHeads);
        int keyValueHeads = config.Count("num_key_value_heads", MostWidth, absent?.KeyValueHeads ?? queryHeads);
        config.Require(queryHeads % keyValueHeads == 0, "num_key_value_heads", $"a divisor of {queryHeads}");
        int headSize = config.Count("head_dim", MostWidth / queryHeads, absent?.HeadSize ?? HiddenSize / queryHeads);
        config.Require(headSize % 2 == 0, "head_dim", "an even number");
        Attention = new AttentionSizes(queryHeads, keyValueHeads, headSize);
        NormEps = config.Positive("rms_norm_eps", absent?.NormEps);
        QkvBias = OutputBias = config.Bool("attention_bias", false);
    }

    public int IntermediateSize { get; init; }

    public AttentionSizes Attention { get; init; }

    public double NormEps { get; init; }

    /// <summary>Biases of q_proj, k_proj and v_proj.</summary>
    public bool QkvBias { get; init; }

    /// <summary>Bias of o_proj.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Every weight of a model of this configuration.</summary>
    public abstract WeightShapes Weights();

    /// <summary>What each layer keeps of earlier positions.</summary>
    public abstract IReadOnlyList<LayerCacheShape> Caches();
}

/// <summary>Values of fields that the published files of a family may leave out; null where they may not.</summary>
internal sealed record DecoderDefaults
{
    public int? VocabularySize { get; init; }

    public int? MaxPositions { get; init; }

    public bool TiedHead { get; init; }

    public int? QueryHeads { get; init; }

    public int? KeyValueHeads { get; init; }

    public int? HeadSize { get; init; }

    public double? NormEps { get; init; }
}
