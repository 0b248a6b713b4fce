using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Mistral: as Llama, with a sliding window on every layer; a window of null is none. Checked against transformers 5.3.0.</summary>
internal static class Mistral
{
    private static readonly FamilyDefaults s_defaults = new()
    {
        VocabularySize = 32000,
        HiddenSize = 4096,
        IntermediateSize = 14336,
        LayerCount = 32,
        QueryHeads = 32,
        KeyValueHeads = 8,
        MaxPositions = 131072,
        KeyValueHeadsMayBeNull = true,
        HeadSizeMayBeNull = true,
        HasAttentionBias = false,
    };

    public static SoftmaxConfiguration Read(ConfigReader config) => SlidingWindows.Everywhere(config, new SoftmaxConfiguration(config, s_defaults));
}
