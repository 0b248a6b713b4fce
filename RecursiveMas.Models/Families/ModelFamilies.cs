using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Layers;
using RecursiveMas.Native;
using RecursiveMas.Weights;

namespace RecursiveMas.Families;

/// <summary>How a family reads its configuration and builds its model.</summary>
internal sealed class ModelFamily
{
    private readonly Func<DecoderConfiguration, ModelBuilder, DecoderParts> _build;

    private ModelFamily(Func<ConfigReader, DecoderConfiguration> read, Func<DecoderConfiguration, ModelBuilder, DecoderParts> build)
    {
        Read = read;
        _build = build;
    }

    /// <summary>Reads a configuration, and refuses what the family's code does not compute.</summary>
    public Func<ConfigReader, DecoderConfiguration> Read { get; }

    public static ModelFamily Of<T>(Func<ConfigReader, T> read, Func<T, ModelBuilder, DecoderParts> build)
        where T : DecoderConfiguration => new(read, (config, builder) => build((T)config, builder));

    /// <summary>Builds a model of a configuration that <see cref="Read"/> made.</summary>
    public DecoderModel Build(DecoderConfiguration config, WeightReader weights, ComputePlan plan)
    {
        using var builder = new ModelBuilder(weights, config.Weights(), plan);
        DecoderParts parts = _build(config, builder);
        builder.Finish();
        ProcessMemory.Trim(); // what was converted and joined on the way
        return new DecoderModel(config, plan, parts);
    }
}

/// <summary>The families by <c>model_type</c>.</summary>
internal static class ModelFamilies
{
    private static readonly ModelFamily s_gemma3 = ModelFamily.Of(config => new Gemma3Configuration(config), Gemma3.Build);
    private static readonly ModelFamily s_qwen35 = ModelFamily.Of(config => new Qwen35Configuration(config), Qwen35.Build);

    private static readonly Dictionary<string, ModelFamily> s_families = new(StringComparer.Ordinal)
    {
        ["gemma3"] = s_gemma3,
        ["gemma3_text"] = s_gemma3,
        ["llama"] = ModelFamily.Of(Llama.Read, SoftmaxDecoder.Build),
        ["mistral"] = ModelFamily.Of(Mistral.Read, SoftmaxDecoder.Build),
        ["qwen2"] = ModelFamily.Of(Qwen2.Read, SoftmaxDecoder.Build),
        ["qwen3"] = ModelFamily.Of(Qwen3.Read, SoftmaxDecoder.Build),
        ["qwen3_5"] = s_qwen35,
        ["qwen3_5_text"] = s_qwen35,
    };

    /// <summary>The family of a configuration.</summary>
    /// <exception cref="UnsupportedCheckpointException">The family is unknown; the known ones are listed.</exception>
    public static ModelFamily Find(ConfigReader config) => s_families.TryGetValue(config.ModelType, out ModelFamily? family)
        ? family
        : throw new UnsupportedCheckpointException(config.File, $"model_type '{config.ModelType}' is unknown. Known: {string.Join(", ", s_families.Keys)}.");
}
