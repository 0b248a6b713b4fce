using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Qwen2 and Qwen2.5: biases on q, k and v only. Checked against transformers 5.3.0.</summary>
internal static class Qwen2
{
    public static SoftmaxConfiguration Read(ConfigReader config) =>
        SlidingWindows.OnDemand(config, new SoftmaxConfiguration(config) with { QkvBias = true, OutputBias = false });
}
