using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Layers;

namespace RecursiveMas.Families;

/// <summary>How a family reads its configuration and builds its model.</summary>
internal sealed record ModelFamily(
    Func<ConfigReader, ModelConfiguration> Read,
    Func<ModelConfiguration, WeightReader, ComputePlan, ICausalLanguageModel> Build)
{
    /// <summary>A family whose block is that of <see cref="SoftmaxDecoder"/>.</summary>
    public static ModelFamily Softmax(Func<ConfigReader, SoftmaxConfiguration> read) =>
        new(read, (config, weights, plan) => SoftmaxDecoder.Build((SoftmaxConfiguration)config, weights, plan));
}

/// <summary>The families by <c>model_type</c>.</summary>
internal static class ModelFamilies
{
    private static readonly Dictionary<string, ModelFamily> s_families = new(StringComparer.Ordinal)
    {
        ["llama"] = ModelFamily.Softmax(Llama.Read),
        ["qwen2"] = ModelFamily.Softmax(Qwen2.Read),
        ["qwen3"] = ModelFamily.Softmax(Qwen3.Read),
    };

    /// <summary>The family of a configuration.</summary>
    /// <exception cref="UnsupportedCheckpointException">The family is unknown; the known ones are listed.</exception>
    public static ModelFamily Find(ConfigReader config) => s_families.TryGetValue(config.ModelType, out ModelFamily? family)
        ? family
        : throw new UnsupportedCheckpointException(config.File, $"model_type '{config.ModelType}' is unknown. Known: {string.Join(", ", s_families.Keys)}.");
}
