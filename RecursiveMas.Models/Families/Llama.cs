using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Llama 3.x: no q/k norms, llama3 scaling of the rotary frequencies. Checked against transformers 5.3.0.</summary>
internal static class Llama
{
    private static readonly FamilyDefaults s_defaults = new()
    {
        VocabularySize = 32000,
        HiddenSize = 4096,
        IntermediateSize = 11008,
        LayerCount = 32,
        QueryHeads = 32,
        MaxPositions = 2048,
        KeyValueHeadsMayBeNull = true,
        HeadSizeMayBeNull = true,
    };

    public static SoftmaxConfiguration Read(ConfigReader config)
    {
        config.Require(!config.Bool("mlp_bias", false), "mlp_bias", "false");
        return SlidingWindows.None(config, new SoftmaxConfiguration(config, s_defaults));
    }
}
