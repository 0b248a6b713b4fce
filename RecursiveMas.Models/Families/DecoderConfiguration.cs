using System.Diagnostics.CodeAnalysis;
using RecursiveMas.Caching;
using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Weights;

namespace RecursiveMas.Families;

/// <summary>What the configurations of all families have in common, and what follows from one: the model, its weights, its caches.</summary>
internal abstract record DecoderConfiguration : ModelConfiguration
{
    private const int MostLayers = 1 << 10, MostWidth = 1 << 20, MostRows = 1 << 24;

    /// <summary>Reads the common settings; whatever is damaged, unknown, or missing without a default is an error that names it.</summary>
    [SetsRequiredMembers]
    protected DecoderConfiguration(ConfigReader config, FamilyDefaults absent)
    {
        Quantization.Refuse(config);
        ModelType = config.ModelType;
        HiddenSize = Size("hidden_size", MostWidth, absent.HiddenSize);
        VocabularySize = config.Count("vocab_size", MostRows, absent.VocabularySize);
        LayerCount = Size("num_hidden_layers", MostLayers, absent.LayerCount);
        MaxPositions = config.Count("max_position_embeddings", int.MaxValue, absent.MaxPositions);
        TiedHead = config.LevelOf("tie_word_embeddings").Bool("tie_word_embeddings", absent.TiedHead);
        IntermediateSize = Size("intermediate_size", MostWidth, absent.IntermediateSize);
        int queryHeads = config.Count("num_attention_heads", MostWidth, absent.QueryHeads);
        int keyValueHeads = Or("num_key_value_heads", MostWidth, absent.KeyValueHeads, absent.KeyValueHeadsMayBeNull, queryHeads);
        config.Require(queryHeads % keyValueHeads == 0, "num_key_value_heads", $"a divisor of {queryHeads}");
        int headSize = Or("head_dim", MostWidth / queryHeads, absent.HeadSize, absent.HeadSizeMayBeNull, HiddenSize / queryHeads);
        config.Require(headSize > 0 && headSize % 2 == 0, "head_dim", "an even number");
        Attention = new AttentionSizes(queryHeads, keyValueHeads, headSize);
        NormEps = config.Positive("rms_norm_eps", absent.NormEps);
        QkvBias = OutputBias = absent.HasAttentionBias && config.Bool("attention_bias", false);

        // No file of a text model is saved without these; one that lacks them is damaged.
        int Size(string name, int most, int value) => config.Count(name, most, config.Nested ? value : null);

        int Or(string name, int most, int? value, bool mayBeNull, int derived) =>
            (mayBeNull ? config.OptionalCount(name, most, value) : config.Count(name, most, value ?? derived)) ?? derived;
    }

    public int IntermediateSize { get; init; }

    public AttentionSizes Attention { get; init; }

    public double NormEps { get; init; }

    /// <summary>Biases of q_proj, k_proj and v_proj.</summary>
    public bool QkvBias { get; init; }

    /// <summary>Bias of o_proj.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Builds a model of this configuration.</summary>
    public abstract DecoderParts Build(ModelBuilder builder);

    /// <summary>Every weight of a model of this configuration.</summary>
    public WeightShapes Weights() => ModelBuilder.Record(Build);

    /// <summary>What each layer keeps of earlier positions.</summary>
    public abstract IReadOnlyList<LayerCacheShape> Caches();
}
