using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Qwen3: norms of queries and keys, a head size of its own. Checked against transformers 5.3.0.</summary>
internal static class Qwen3
{
    private static readonly FamilyDefaults s_defaults = new()
    {
        VocabularySize = 151936,
        HiddenSize = 4096,
        IntermediateSize = 22016,
        LayerCount = 32,
        QueryHeads = 32,
        KeyValueHeads = 32,
        HeadSize = 128,
        MaxPositions = 32768,
        KeyValueHeadsMayBeNull = true,
    };

    public static SoftmaxConfiguration Read(ConfigReader config) =>
        SlidingWindows.OnDemand(config, new SoftmaxConfiguration(config, s_defaults) with { QkNorm = true });
}
