using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Qwen2 and Qwen2.5: biases on q, k and v only. Checked against transformers 5.3.0.</summary>
internal static class Qwen2
{
    private static readonly FamilyDefaults s_defaults = new()
    {
        VocabularySize = 151936,
        HiddenSize = 4096,
        IntermediateSize = 22016,
        LayerCount = 32,
        QueryHeads = 32,
        KeyValueHeads = 32,
        MaxPositions = 32768,
        KeyValueHeadsMayBeNull = true,
        HeadSizeMayBeNull = true,
        HasAttentionBias = false,
    };

    public static SoftmaxConfiguration Read(ConfigReader config) =>
        SlidingWindows.OnDemand(config, new SoftmaxConfiguration(config, s_defaults) with { QkvBias = true });
}
