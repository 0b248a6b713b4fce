using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>How a family reads its configuration, and refuses what its code does not compute.</summary>
internal sealed record ModelFamily(Func<ConfigReader, DecoderConfiguration> Read);

/// <summary>The families by <c>model_type</c>.</summary>
internal static class ModelFamilies
{
    private static readonly ModelFamily s_gemma3 = new(config => new Gemma3Configuration(config));
    private static readonly ModelFamily s_qwen35 = new(config => new Qwen35Configuration(config));

    private static readonly Dictionary<string, ModelFamily> s_families = new(StringComparer.Ordinal)
    {
        ["gemma3"] = s_gemma3,
        ["gemma3_text"] = s_gemma3,
        ["llama"] = new(Llama.Read),
        ["mistral"] = new(Mistral.Read),
        ["qwen2"] = new(Qwen2.Read),
        ["qwen3"] = new(Qwen3.Read),
        ["qwen3_5"] = s_qwen35,
        ["qwen3_5_text"] = s_qwen35,
    };

    /// <summary>The family of a configuration.</summary>
    /// <exception cref="UnsupportedCheckpointException">The family is unknown; the known ones are listed.</exception>
    public static ModelFamily Find(ConfigReader config) => s_families.TryGetValue(config.ModelType, out ModelFamily? family)
        ? family
        : throw new UnsupportedCheckpointException(config.File, $"model_type '{config.ModelType}' is unknown. Known: {string.Join(", ", s_families.Keys)}.");
}
